/** Markdown to safe pieces: fenced code stays text (a component shows it), everything else is sanitised HTML. */
import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import type { StateCore, Token } from 'markdown-it'
import cjkFriendly from 'markdown-it-cjk-friendly'

export type Block =
  | { kind: 'html'; html: string }
  | { kind: 'code'; code: string; language: string; file: string }
  | { kind: 'diagram'; source: string }

const CITATION = /\[(\d{1,3})\](?!\()/g
/** Keeps a numeral on the line of the word it belongs to. */
const WORD_JOINER = '\u2060'
const TAGS = [
  'a', 'b', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 's', 'span',
  'strong', 'sub', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
]
const ATTRIBUTES = ['href', 'title', 'id', 'class', 'start', 'data-cite', 'role', 'rel', 'target']

/** CommonMark does not see the end of `**code**` before a Korean particle; the plugin mends that. */
const engine = new MarkdownIt({ html: false, linkify: false, typographer: false }).use(cjkFriendly)
engine.core.ruler.push('citations', citeNumbers)
engine.core.ruler.push('anchors', anchorHeadings)
engine.renderer.rules.image = (tokens, index) => describeImage(tokens[index] as Token)
engine.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index] as Token
  const href = String(token.attrGet('href') ?? '')
  if (/^https?:/i.test(href)) {
    token.attrSet('target', '_blank')
    token.attrSet('rel', 'noopener noreferrer')
    token.attrSet('title', href)
  }
  return self.renderToken(tokens, index, options)
}

/** Pieces of a text; `cited` are the numbers that have a source, other brackets stay as they are. */
export function renderMarkdown(text: string, cited: ReadonlySet<number> = new Set()): Block[] {
  const env = { cited }
  const blocks: Block[] = []
  let run: Token[] = []
  const flush = () => {
    if (run.length > 0) blocks.push({ kind: 'html', html: sanitise(engine.renderer.render(run, engine.options, env)) })
    run = []
  }
  for (const token of engine.parse(text, env)) {
    if (token.type === 'fence' && token.level === 0) {
      flush()
      blocks.push(fenced(token))
      continue
    }
    run.push(token)
    if (token.level === 0 && token.nesting <= 0) flush()
  }
  flush()
  return blocks
}

/** Headings of a text, for an outline. */
export function outline(text: string): { id: string; level: number; title: string }[] {
  const tokens = engine.parse(text, { cited: new Set() })
  return tokens.flatMap((token, index) =>
    token.type === 'heading_open'
      ? [{ id: String(token.attrGet('id')), level: Number(token.tag.slice(1)), title: plain(tokens[index + 1]) }]
      : [],
  )
}

export function sanitise(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|\/(?![/\\])|\.{1,2}\/|[^:/?#\\]+(?:[/?#]|$))/i,
  })
}

function fenced(token: Token): Block {
  const [language = '', ...rest] = token.info.trim().split(/[\s{]+/)
  if (language === 'mermaid') return { kind: 'diagram', source: token.content }
  const file = rest.join(' ').match(/^(?:title=|file=)?"?([\w./-]+\.\w+(?::\d+(?:-\d+)?)?)"?/)?.[1] ?? ''
  return { kind: 'code', code: token.content.replace(/\n$/, ''), language: /^[\w+#.-]{1,20}$/.test(language) ? language : '', file }
}

/** A foreign picture would tell its host who reads what; it becomes a link that only a click follows. */
function describeImage(token: Token): string {
  const escape = engine.utils.escapeHtml
  const source = String(token.attrGet('src') ?? '')
  const label = escape(token.content || source)
  return /^https?:/i.test(source)
    ? `<a href="${escape(source)}" title="${escape(source)}" target="_blank" rel="noopener noreferrer">${label}</a>`
    : label
}

function citeNumbers(state: StateCore): void {
  const cited = (state.env as { cited?: ReadonlySet<number> }).cited
  if (!cited || cited.size === 0) return
  for (const block of state.tokens) {
    if (block.type !== 'inline' || !block.children) continue
    let links = 0
    block.children = block.children.flatMap((token) => {
      links += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0
      return token.type === 'text' && links === 0 ? splitAtCitations(state, token, cited) : [token]
    })
  }
}

function splitAtCitations(state: StateCore, token: Token, cited: ReadonlySet<number>): Token[] {
  const pieces: Token[] = []
  let end = 0
  const push = (type: string, content: string) => {
    const piece = new state.Token(type, '', 0)
    piece.content = content
    pieces.push(piece)
  }
  for (const match of token.content.matchAll(CITATION)) {
    if (!cited.has(Number(match[1]))) continue
    push('text', token.content.slice(end, match.index).replace(/ $/, '') + WORD_JOINER)
    push('html_inline', `<a href="#source-${match[1]}" class="cite" role="button" data-cite="${match[1]}">${match[1]}</a>`)
    end = match.index + match[0].length
  }
  push('text', token.content.slice(end))
  return pieces
}

/** The anchor that GitHub gives to a heading, which links between documents name. */
function slugOf(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replace(/ /g, '-')
}

function anchorHeadings(state: StateCore): void {
  const seen = new Map<string, number>()
  state.tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return
    const slug = slugOf(plain(state.tokens[index + 1])) || 'section'
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    token.attrSet('id', `section-${slug}${count ? `-${count}` : ''}`)
  })
}

function plain(token: Token | undefined): string {
  return (token?.children ?? []).map((child) => (child.type === 'text' || child.type === 'code_inline' ? child.content : '')).join('')
}
