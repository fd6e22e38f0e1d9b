import bowser from 'bowser';
import { isbot } from 'isbot';
import { LRUCache } from 'lru-cache';

/**
 * Apps whose browsers tell which app they belong to. Their users are people whatever isbot says, whose
 * patterns also meet what these browsers tell of phones and carriers ("Google", "News").
 */
const APPS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Instagram', /\bInstagram \d/],
  ['Threads', /\bBarcelona \d/],
  ['Messenger', /\bFB(?:AN\/Messenger|_IAB\/(?:MESSENGER|Orca))/],
  ['Facebook', /\bFB(?:AN|AV|_IAB)\/|\bMetaIAB\b/],
  ['TikTok', /\bBytedanceWebview\/|\b(?:musical_ly|trill)_\d|\bAppName\/musical_ly\b/],
  ['Snapchat', /\bSnapchat\/\d/],
  ['Pinterest', /\[Pinterest\/|\bPinterest for /],
  ['LinkedIn', /\bLinkedInApp\b/],
  ['X', /\bTwitter for i|\bTwitterAndroid\b/],
  ['Reddit', /\bReddit\/(?:Version )?\d/],
  ['Line', /\bLine\/\d/],
  ['KakaoTalk', /\bKAKAOTALK\b/i],
  ['Naver', /\bNAVER\(inapp/],
  ['WeChat', /\bMicroMessenger\/\d/],
  ['Viber', /\bViber\b/],
  ['WhatsApp', /\bWhatsApp\/\d+\.\d/],
  ['Telegram', /\bTelegram-Android\/\d/],
  ['Slack', /\bSlack(?:_SSB)?\/\d/],
  ['Discord', /\bdiscord\/\d/i],
  ['Microsoft Teams', /\bTeams\/\d/],
  ['Google Search', /\bGSA\/\d/],
  ['SmartNews', /\bSmartNews\b/],
  ['NewsBreak', /\bNewsBreak\b/],
  ['Toutiao', /\bNewsArticle\/\d/],
  ['Sogou Browser', /\bSogouMobileBrowser\/\d/],
];

/** The names that `appOf` gives. */
export const APP_NAMES: readonly string[] = APPS.map(([name]) => name);

/** How browsers begin, those of apps too. What has another name was fetched by the app itself. */
const BROWSER_START = /^(?:Mozilla\/\d|\[FB)/;
/** A program that works for a service says so, or gives an address to complain to. Cubot makes phones. */
const SERVICE = /:\/\/|(?<!cu)bot\b/i;
const ANDROID_WEB_VIEW = /; wv\)/;
/**
 * What isbot lacks: apps that fetch without a browser, by Apple's library or Android's, and the previews
 * of Rocket.Chat, which calls itself a Chrome. Its own app is an Electron.
 */
const OTHER_BOT = /\b(?:CFNetwork|Dalvik)\/\d|\bRocket\.Chat\/\d(?!.*\bElectron\/)/i;

/** The app in which a person has opened a link; undefined for browsers of their own, and for bots. */
export function appOf(userAgent: string): string | undefined {
  if (!BROWSER_START.test(userAgent) || SERVICE.test(userAgent)) return undefined;
  return APPS.find(([, pattern]) => pattern.test(userAgent))?.[0];
}

/**
 * Whether a program has asked, and no person with a browser: a crawler, a preview, an HTTP tool. The list
 * of isbot decides. Whoever has no name is one, too, for browsers have one.
 */
export function isBot(userAgent: string): boolean {
  if (userAgent.trim() === '' || OTHER_BOT.test(userAgent)) return true;
  if (appOf(userAgent) !== undefined) return false;
  const isWebView = ANDROID_WEB_VIEW.test(userAgent) && !SERVICE.test(userAgent);
  return !isWebView && isbot(userAgent);
}

/** By their usual names: what people and scripts of theirs fetch with, and browsers of terminals. */
const HTTP_TOOL =
  /^(?:curl|wget2?|httpie|xh|aria2|postmanruntime|insomnia|lynx|w3m|e?links|python(?:-(?:requests|urllib3?|httpx))?|aiohttp|go-http-client|okhttp|java(?:-http-client)?|apache-http(?:async)?client|libwww-perl|ruby|http\.rb|php|guzzlehttp|axios|node(?:-fetch|-superagent)?|undici|deno|bun|reqwest)(?![\w-])/i;

/**
 * Whether it is a tool or library for HTTP that does not say whose service it works for, or says nothing
 * at all: then somebody at hand wants what it fetches.
 */
export const isHttpTool = (userAgent: string): boolean =>
  userAgent.trim() === '' || (HTTP_TOOL.test(userAgent) && !SERVICE.test(userAgent));

/** What a user agent is, in names of closed lists. */
export interface Agent {
  isBot: boolean;
  browser?: string;
  os?: string;
  device?: string;
}

/** There are no other names: of an agent it does not know, bowser gives text that the client chose. */
const BROWSERS = new Set([
  ...APP_NAMES,
  ...Object.values(bowser.BROWSER_MAP),
  // Bowser knows these, too, but does not list them.
  'Miui',
  'Opera Touch',
  'PlayStation 4',
]);
const DEVICES = new Set(['desktop', 'mobile', 'tablet', 'tv']);

/** All that `parseUserAgent` gives. */
export const DEVICE_NAMES: readonly string[] = [...DEVICES, 'bot'];
export const OS_NAMES: readonly string[] = Object.values(bowser.OS_MAP);

/** Takes some 20 µs. */
export function parseUserAgent(userAgent: string): Agent {
  if (isBot(userAgent)) return { isBot: true, device: 'bot' };
  const { browser, os, platform } = bowser.parse(userAgent);
  return {
    isBot: false,
    browser: oneOf(BROWSERS, appOf(userAgent) ?? browser.name),
    // Always one of its own names.
    os: os.name,
    device: oneOf(DEVICES, platform.type),
  };
}

const oneOf = (names: ReadonlySet<string>, name: string | undefined): string | undefined =>
  name !== undefined && names.has(name) ? name : undefined;

/** Knows user agents again: parsing takes some 20 µs, and most visitors come with few different ones. */
export class AgentCache {
  private readonly agents: LRUCache<string, Agent>;

  constructor(max: number) {
    this.agents = new LRUCache({ max });
  }

  find(userAgent: string): Agent {
    const known = this.agents.get(userAgent);
    if (known) return known;
    const agent = parseUserAgent(userAgent);
    this.agents.set(detached(userAgent), agent);
    return agent;
  }
}

/** A part of a string would keep the whole of it, such as a request, in V8. */
const detached = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
