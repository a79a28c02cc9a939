/** Shiki with its JavaScript engine; grammars are fetched when a language is first seen. */
import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore, type ThemedToken } from '@shikijs/core'
import { createJavaScriptRegexEngine } from '@shikijs/engine-javascript'

type Grammar = () => Promise<{ default: Parameters<HighlighterCore['loadLanguage']>[0] }>

const GRAMMARS: Record<string, Grammar> = {
  bash: () => import('@shikijs/langs/bash'),
  c: () => import('@shikijs/langs/c'),
  cpp: () => import('@shikijs/langs/cpp'),
  csharp: () => import('@shikijs/langs/csharp'),
  css: () => import('@shikijs/langs/css'),
  diff: () => import('@shikijs/langs/diff'),
  elixir: () => import('@shikijs/langs/elixir'),
  go: () => import('@shikijs/langs/go'),
  haskell: () => import('@shikijs/langs/haskell'),
  html: () => import('@shikijs/langs/html'),
  java: () => import('@shikijs/langs/java'),
  javascript: () => import('@shikijs/langs/javascript'),
  json: () => import('@shikijs/langs/json'),
  kotlin: () => import('@shikijs/langs/kotlin'),
  lua: () => import('@shikijs/langs/lua'),
  markdown: () => import('@shikijs/langs/markdown'),
  php: () => import('@shikijs/langs/php'),
  python: () => import('@shikijs/langs/python'),
  rst: () => import('@shikijs/langs/rst'),
  ruby: () => import('@shikijs/langs/ruby'),
  rust: () => import('@shikijs/langs/rust'),
  scala: () => import('@shikijs/langs/scala'),
  sql: () => import('@shikijs/langs/sql'),
  swift: () => import('@shikijs/langs/swift'),
  toml: () => import('@shikijs/langs/toml'),
  tsx: () => import('@shikijs/langs/tsx'),
  typescript: () => import('@shikijs/langs/typescript'),
  vue: () => import('@shikijs/langs/vue'),
  yaml: () => import('@shikijs/langs/yaml'),
  zig: () => import('@shikijs/langs/zig'),
}
const ALIASES: Record<string, string> = {
  py: 'python', js: 'javascript', jsx: 'tsx', ts: 'typescript', sh: 'bash', shell: 'bash', console: 'bash', rs: 'rust', rb: 'ruby',
  kt: 'kotlin', cs: 'csharp', 'c++': 'cpp', h: 'c', md: 'markdown', yml: 'yaml', golang: 'go', ex: 'elixir', hs: 'haskell',
}
const LONGEST = 200_000
/** One theme of CSS variables, so that code follows every theme of the app. */
const THEME = 'codemuse'

let starting: Promise<HighlighterCore> | null = null

function start(): Promise<HighlighterCore> {
  starting ??= createHighlighterCore({
    themes: [createCssVariablesTheme({ name: THEME, variablePrefix: '--code-' })],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
  return starting
}

export function languageName(language: string): string {
  const name = language.toLowerCase()
  return ALIASES[name] ?? name
}

/** Coloured tokens, a list a line; null when the language is unknown or the text too long. */
export async function highlight(code: string, language: string): Promise<ThemedToken[][] | null> {
  const name = languageName(language)
  const grammar = GRAMMARS[name]
  if (grammar === undefined || code.length > LONGEST) return null
  const highlighter = await start()
  if (!highlighter.getLoadedLanguages().includes(name)) await highlighter.loadLanguage((await grammar()).default)
  return highlighter.codeToTokens(code, {
    lang: name,
    theme: THEME,
  }).tokens
}
