import type { ModuleLoader } from '../modules/modules.js';

/** What a file names that is a plugin of a tool which builds others' pages, or stands between a server and its pages. */
const BUILDS =
  /\b(?:compiler\.hooks|this\.(?:async|callback|getOptions)\s*\(|transformIndexHtml|renderChunk|generateBundle|writeBundle|processAssets|updateAsset|emitAsset|ConcatSource|enforce|transform\s*\(|onLoad\s*\(|through2|html-webpack-plugin|injectTo|headTags|postBodyTags|preBodyTags|insertBefore|insertAfter|replaceWith(?:Multiple|SourceString)?|ImportDeclaration|unshiftContainer|pushContainer|@babel\/(?:types|template)|createPropertyAccessExpression|magic-string|MagicString|postcss|nunjucks|handlebars)\b|<\\?\/(?:head|body|html)>|text\/html|\bbanner\s*:|\bfooter\s*:/;

/** What a file names whose texts, tags and lists of scripts go into the pages of others. */
const PLACES =
  /\b(?:transformIndexHtml|generateBundle|processAssets|updateAsset|RawSource|html-webpack-plugin|alterAssetTag\w*|(?:before|after)(?:Emit|AssetTagGeneration)|injectTo|injectHtmlTags|(?:head|body|preBody|postBody)Tags|modifyHTML\w*|addHTML\w*Scripts?|injectScript|astro:(?:config|build):\w+|onRenderBody|set(?:Head|PreBody|PostBody)Components|useHead|useServerHead|render:html|app\.head|head\.script|siteData|extendsPage|extendPageData|transformHead|transformHtml|transformPageChunk|after_render|injector\.register|addTransform|posthtml|cheerio|rehype|unist-util-visit|through2|siteConfig)\b|<\\?\/(?:head|body|html)\b|\[\s*['"`]script['"`]\s*,|\b(?:tag|tagName)['"]?\s*(?::|===?)\s*['"`](?:body|head)['"`]/;

/** Whether a file is of a tool that builds the pages of others. */
export const buildsPages = told((text) => BUILDS.test(text));

/** Whether a file may put script tags into the pages of others. */
export const placesTags = told((text) => PLACES.test(text) || BUILDS.test(text));

/** Asks a file's text once. */
function told(holds: (text: string) => boolean): (loader: ModuleLoader, file: string) => boolean {
  const known = new WeakMap<ModuleLoader, Map<string, boolean>>();
  return (loader, file) => {
    let files = known.get(loader);
    if (files === undefined) {
      files = new Map();
      known.set(loader, files);
    }
    let answer = files.get(file);
    if (answer === undefined) {
      answer = holds(loader.text(file) ?? '');
      files.set(file, answer);
    }
    return answer;
  };
}
