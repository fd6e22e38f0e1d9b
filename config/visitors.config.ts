import { HttpUrl, OneOf } from './expectations.js';
import { Setting } from './setting.decorator.js';

/** As it is sent in a header: without characters beyond ASCII. */
const parse = (text: string): string => (URL.canParse(text) ? new URL(text).href : text);

/** What visitors find where no link leads. */
export class VisitorsConfig {
  @Setting('ROOT_REDIRECT_URL', {
    description:
      'Where PUBLIC_URL itself leads, such as to your web site; without it a page names the service.',
    example: 'https://www.example.com/',
    parse,
  })
  @HttpUrl()
  readonly rootRedirectUrl?: string;

  @Setting('NOT_FOUND_REDIRECT_URL', {
    description:
      'Where unknown short codes lead, and those of links that have not started; without it they are 404.',
    example: 'https://www.example.com/no-such-link',
    parse,
  })
  @HttpUrl()
  readonly notFoundRedirectUrl?: string;

  @Setting('EXPIRED_REDIRECT_URL', {
    description:
      'Where short codes lead whose links have expired, were deleted or are used up; without it they are 410. Those that were taken down stay 410.',
    example: 'https://www.example.com/too-late',
    parse,
  })
  @HttpUrl()
  readonly expiredRedirectUrl?: string;

  @Setting('ROBOTS', {
    description:
      'What /robots.txt says of short links. With disallow search engines leave them alone, and so do those link previews that obey it.',
    default: 'disallow',
  })
  @OneOf('disallow', 'allow')
  readonly robots: 'disallow' | 'allow';
}

/** The settings that would send visitors in circles: they lead to a short code of this service, or back. */
export function circlesOf(visitors: VisitorsConfig, publicUrl: string): string[] {
  const { rootRedirectUrl, notFoundRedirectUrl, expiredRedirectUrl } = visitors;
  const settings: [name: string, url: string | undefined, mayBeRoot: boolean][] = [
    ['ROOT_REDIRECT_URL', rootRedirectUrl, false],
    ['NOT_FOUND_REDIRECT_URL', notFoundRedirectUrl, true],
    ['EXPIRED_REDIRECT_URL', expiredRedirectUrl, true],
  ];
  return settings
    .filter(([, url, mayBeRoot]) => {
      const path = url === undefined ? undefined : pathBelow(url, publicUrl);
      return path !== undefined && !(mayBeRoot && path === '');
    })
    .map(([name, , mayBeRoot]) =>
      mayBeRoot
        ? `${name} must not lead below PUBLIC_URL, but may lead to PUBLIC_URL itself`
        : `${name} must not lead to PUBLIC_URL or below it`,
    );
}

/** The path that a URL has below another, by http or https; undefined if it is elsewhere. */
function pathBelow(text: string, baseText: string): string | undefined {
  if (!URL.canParse(text) || !URL.canParse(baseText)) return undefined;
  const [url, base] = [new URL(text), new URL(baseText)];
  if (placeOf(url) !== placeOf(base)) return undefined;
  const basePath = base.pathname.replace(/\/*$/, '/');
  const path = url.pathname.replace(/\/*$/, '/');
  return path.startsWith(basePath) ? path.slice(basePath.length) : undefined;
}

/** Host and port. Those of http and https are the same place: one usually redirects to the other. */
const placeOf = ({ hostname, port }: URL): string =>
  `${hostname.replace(/\.+$/, '')}:${['', '80', '443'].includes(port) ? '' : port}`;
