import { describe, expect, it } from '@jest/globals';
import { APP_NAMES, appOf, isBot, isHttpTool } from './user-agent.js';

const ANDROID =
  'Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230901.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/121.0.6167.178 Mobile Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';

const BOTS = [
  // Previews of chats.
  'mattermost-bot/1.1',
  'Mattermost-Bot/1.1',
  'Synapse (bot; +https://github.com/matrix-org/synapse)',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36 Rocket.Chat/6.5.0',
  'Mozilla/5.0 (compatible; ZulipURLPreview/8.0; +https://chat.example.org)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Slack-ImgProxy (+https://api.slack.com/robots)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'TelegramBot (like TwitterBot)',
  'WhatsApp/2.23.20.0',
  'WhatsApp/2.23.20.0 A',
  'WhatsApp/2',
  'WhatsApp/2 (compatible; AnytypeBot/1.0; +https://anytype.io/bot)',
  `${WINDOWS} Chrome/93.0.4577.82 Safari/537.36 Edg/93.0.961.52 WhatsApp/2 Twitterbot`,
  'Viber',
  'Viber/13.3.0.22',
  'Viber/12.8.0.1 CFNetwork/1121.2.2 Darwin/19.3.0',
  'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com',
  'Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)',
  'Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  'facebookexternalhit/1.1;line-poker/1.0',
  'facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984',
  'Chatwork LinkPreview v1',
  'Mozilla/5.0 (compatible; LarkUrl2Meta/1.0; +https://open.larksuite.com)',
  'DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/microapp/faquestions/ftpfeu)',
  'Valve/Steam HTTP Client 1.0 (SteamChatURLLookup)',
  'Mozilla/5.0 (compatible; KeybaseBot; +https://keybase.io)',
  'GroupMeBot/1.0',
  'Nextcloud Server Crawler',
  'Nextcloud-Server-Crawler/33.0.0',
  // Of social networks.
  'Mozilla/5.0 (compatible; SummalyBot/5.1.0)',
  'SummalyBot/5.1.0',
  'Misskey/2023.12.0 (https://misskey.example)',
  'gotosocial/0.19.2+git-90851fc (+https://social.example)',
  'Pleroma 2.6.1; https://pleroma.example <admin@pleroma.example>; Bot',
  'Akkoma 3.10.4-0-gebfb617; https://akkoma.example <>',
  "Friendica 'Giant Rhubarb' 2023.12-1542; https://friendica.example",
  'http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/)',
  'Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)',
  'Lemmy/0.19.8; +https://lemmy.example',
  'PeerTube/6.0.2 (+https://peertube.example)',
  'Twitterbot/1.0',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'meta-externalfetcher/1.1',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
  'Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)',
  'Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)',
  'Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots',
  'Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)',
  'Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)',
  'OdklBot/1.0 (share@odnoklassniki.ru)',
  'Tumblr/14.0.835.186',
  // Of tools for work.
  'Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/yahoo-link-preview-SLN23615.html)',
  'Yahoo:LinkExpander:Slingstone',
  'Asana/1.4.0 WebsiteMetadataRetriever',
  'Mozilla/5.0 (compatible; NotionEmbedder/1.0)',
  'Iframely/1.3.1 (+https://iframely.com/docs/about) Atlassian',
  'Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)',
  'Discourse Forum Onebox v3.3.0.beta1-dev',
  'WordPress/6.4.2; https://blog.example',
  // No previews.
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  `${IPHONE} Version/18.4 Mobile/15E148 Safari/605.1 NAVER(inapp; search; 2000; 12.13.0; 16PROMAX) (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
  `${ANDROID} https://deepcrawl.com/bot`,
  'com.apple.WebKit.Networking/8614.2.9.0.10 CFNetwork/1399 Darwin/22.1.0',
  'Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230901.001)',
  'Barracuda Sentinel (EE)',
];

const IN_APPS: [string, string][] = [
  // It says "Google" of phone and carrier, and no word else that a browser says.
  [
    'Facebook',
    '[FBAN/FB4A;FBAV/446.0.0.31.119;FBBV/533160520;FBDM/{density=3.0,width=1080,height=2340};FBLC/en_US;FBRV/0;FBCR/Google Fi;FBMF/Google;FBBD/google;FBPN/com.facebook.katana;FBDV/Pixel_7;FBSV/13;FBOP/1;FBCA/arm64-v8a:;]',
  ],
  [
    'Facebook',
    '[FBAN/FB4A;FBAV/567.1.0.52.74;FBBV/1003893689;FBDM/{density=3.0,width=1080,height=2340};FBLC/nl_NL;FBRV/1012267334;FBCR/KPN;FBMF/samsung;FBBD/samsung;FBPN/com.facebook.katana;FBDV/SM-S921B;FBSV/16;FBOP/1;FBCA/arm64-v8a:;]',
  ],
  ['Facebook', `${ANDROID} [FB_IAB/FB4A;FBAV/446.0.0.31.119;IABMV/1;]`],
  ['Facebook', `${ANDROID} MetaIAB Facebook`],
  [
    'Facebook',
    `${ANDROID} [FBAN/EMA;FBLC/de_DE;FBAV/385.0.0.8.107;FBDM/DisplayMetrics{density=2.0, width=720, height=1456, scaledDensity=2.0, xdpi=268.9, ydpi=269.1};]`,
  ],
  [
    'Facebook',
    `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/450.0.0.38.108;FBBV/564431005;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.2;FBSS/3;FBCR/Google Fi;FBID/phone;FBLC/en_US;FBOP/5;FBRV/0]`,
  ],
  ['Messenger', `${IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/441.0;FBDV/iPhone14,5]`],
  ['Messenger', `${ANDROID} [FB_IAB/Orca-Android;FBAV/441.0.0.29.109;]`],
  [
    'Instagram',
    `${IPHONE} Mobile/15E148 Instagram 309.1.1.28.108 (iPhone14,5; iOS 17_2; de_DE; de; scale=3.00; 1170x2532; 537288535)`,
  ],
  [
    'Instagram',
    `${ANDROID} Instagram 309.1.0.41.113 Android (33/13; 420dpi; 1080x2209; Google/google; Pixel 7; panther; panther; en_US; 541635890)`,
  ],
  ['Threads', `${IPHONE} Mobile/15E148 Barcelona 312.0.0.32.117 (iPhone14,5; iOS 17_2; en_US)`],
  [
    'TikTok',
    `${ANDROID} trill_320905 BytedanceWebview/d8a21c6 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/32.9.5`,
  ],
  ['TikTok', `${IPHONE} Mobile/15E148 musical_ly_32.9.0 JsSdk/2.0 NetType/WIFI Channel/App Store`],
  ['Snapchat', `${IPHONE} Version/17.2 Mobile/15E148 Snapchat/12.70.0.43 (like Safari/8617)`],
  ['Pinterest', `${ANDROID} [Pinterest/Android]`],
  ['LinkedIn', `${IPHONE} Mobile/15E148 [LinkedInApp]/9.29.5431`],
  ['X', `${IPHONE} Mobile/15E148 Twitter for iPhone/10.30`],
  ['X', `${ANDROID} TwitterAndroid`],
  ['Reddit', `${ANDROID} Reddit/Version 2024.03.0/Build 1330000/Android 13`],
  ['Line', `${IPHONE} Mobile/15E148 Safari Line/13.20.0`],
  ['Line', `${ANDROID} Line/13.20.0/IAB`],
  ['KakaoTalk', `${ANDROID};KAKAOTALK 2610550`],
  ['Naver', `${ANDROID} NAVER(inapp; search; 1000; 12.1.0)`],
  ['WeChat', `${IPHONE} Mobile/15E148 MicroMessenger/8.0.44(0x18002c2f) NetType/WIFI`],
  ['Viber', `${WINDOWS} QtWebEngine/5.6.0 Chrome/45.0.2454.101 Safari/537.36 Viber`],
  ['Viber', `${ANDROID} Viber/12.1.0.11`],
  ['WhatsApp', `${MAC} WhatsApp/2.2424.0 Chrome/91.0.4472.164 Electron/13.6.9 Safari/537.36`],
  ['Telegram', `${ANDROID} Telegram-Android/10.6.1 (Google Pixel 7; Android 13; SDK 33; HIGH)`],
  ['Slack', `${MAC} Slack/4.35.131 Chrome/120.0.6099.109 Electron/28.0.0 Safari/537.36 Sonic`],
  ['Discord', `${WINDOWS} discord/1.0.9028 Chrome/108.0.5359.215 Electron/22.3.26 Safari/537.36`],
  ['Microsoft Teams', `${WINDOWS} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0 Teams/23335.208`],
  ['Google Search', `${IPHONE} GSA/298.0.595435837 Mobile/15E148 Safari/604.1`],
  ['Google Search', `${ANDROID} GSA/14.50.15.29.arm64`],
  ['NewsBreak', `${ANDROID} NewsBreak/24.1`],
  ['Sogou Browser', `${ANDROID.replace('; wv', '')} SogouMobileBrowser/5.12.5`],
];

const BROWSERS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  `${IPHONE} Version/17.2 Mobile/15E148 Safari/604.1`,
  ANDROID,
  `${ANDROID} SomeNews/1.0`,
  'Mozilla/5.0 (Linux; Android 7.0; CUBOT CHEETAH 2 Build/NRD90M; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/61.0.3163.98 Mobile Safari/537.36',
  `${MAC} (KHTML, like Gecko) Rocket.Chat/3.9.14 Chrome/116.0.5845.228 Electron/26.6.10 Safari/537.36`,
  'Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.6.5',
];

const TOOLS = [
  'curl/8.5.0',
  'curl/7.64.1 (x86_64-pc-linux-gnu) libcurl/7.64.1',
  'Wget/1.21.3 (linux-gnu)',
  'HTTPie/3.2.2',
  'PostmanRuntime/7.36.0',
  'python-requests/2.31.0',
  'Python-urllib/3.11',
  'Python/3.11 aiohttp/3.9.1',
  'Go-http-client/2.0',
  'okhttp/4.12.0',
  'Java/17.0.1',
  'Apache-HttpClient/4.5.13 (Java/17.0.1)',
  'axios/1.6.2',
  'node',
  '',
];

describe(isBot, () => {
  it.each([...BOTS, ...TOOLS, '  '])('takes %j for a program', (userAgent) => {
    expect(isBot(userAgent)).toBe(true);
  });

  it.each([...BROWSERS, ...IN_APPS.map(([, userAgent]) => userAgent)])(
    'takes %j for a person',
    (userAgent) => {
      expect(isBot(userAgent)).toBe(false);
    },
  );
});

describe(appOf, () => {
  it.each(IN_APPS)('knows the browser of %s by %j', (app, userAgent) => {
    expect(appOf(userAgent)).toBe(app);
    expect(APP_NAMES).toContain(app);
  });

  it.each([...BROWSERS, ...BOTS, ...TOOLS])('finds no app in %j', (userAgent) => {
    expect(appOf(userAgent)).toBeUndefined();
  });
});

describe(isHttpTool, () => {
  it.each(TOOLS)('knows that %j does what somebody wants', (userAgent) => {
    expect(isHttpTool(userAgent)).toBe(true);
  });

  it.each(BOTS)('leaves %j to its service', (userAgent) => {
    expect(isHttpTool(userAgent)).toBe(false);
  });
});
