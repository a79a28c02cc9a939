/** Names and colours of programming languages, the same wherever a language is shown. */

interface LanguageLook {
  name: string
  colour: string
}

const LOOKS: Record<string, LanguageLook> = {
  python: { name: 'Python', colour: '#4b8bbe' },
  javascript: { name: 'JavaScript', colour: '#d9b830' },
  typescript: { name: 'TypeScript', colour: '#3f7cc4' },
  tsx: { name: 'TSX', colour: '#5794d1' },
  go: { name: 'Go', colour: '#35a7c2' },
  java: { name: 'Java', colour: '#b5742e' },
  rust: { name: 'Rust', colour: '#c9805a' },
  c: { name: 'C', colour: '#8a8f99' },
  cpp: { name: 'C++', colour: '#d4587e' },
  ruby: { name: 'Ruby', colour: '#b2332c' },
  php: { name: 'PHP', colour: '#6f78b5' },
  csharp: { name: 'C#', colour: '#4a9a45' },
  kotlin: { name: 'Kotlin', colour: '#9a70e0' },
  swift: { name: 'Swift', colour: '#e2673f' },
  scala: { name: 'Scala', colour: '#c23b45' },
  elixir: { name: 'Elixir', colour: '#7d5a94' },
  lua: { name: 'Lua', colour: '#4757a8' },
  zig: { name: 'Zig', colour: '#d69a3a' },
  haskell: { name: 'Haskell', colour: '#8a6fb0' },
  bash: { name: 'Shell', colour: '#6fa84a' },
  vue: { name: 'Vue', colour: '#41a878' },
  html: { name: 'HTML', colour: '#d8613c' },
  css: { name: 'CSS', colour: '#7a55b0' },
  sql: { name: 'SQL', colour: '#c99a2e' },
  markdown: { name: 'Markdown', colour: '#6b86a3' },
  rst: { name: 'reStructuredText', colour: '#93a4b8' },
  text: { name: 'Text', colour: '#a9adb5' },
  json: { name: 'JSON', colour: '#8f8a76' },
  yaml: { name: 'YAML', colour: '#b0685c' },
  toml: { name: 'TOML', colour: '#a0714f' },
}

/** What people call a language. */
export function languageName(language: string): string {
  return LOOKS[language]?.name ?? language
}

/** The colour that stands for a language in bars and dots. */
export function languageColour(language: string): string {
  return LOOKS[language]?.colour ?? '#9a9da3'
}

/** All languages that CodeMuse tells apart. */
export const LANGUAGES: readonly string[] = Object.keys(LOOKS)
