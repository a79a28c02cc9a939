/** Turns paths into the rows of a tree; a folder that only holds one folder is joined with it. A path that ends with `/` stands for its folder. */

export interface TreeNode<Item> {
  name: string
  path: string
  item: Item | null
  children: TreeNode<Item>[]
}

export interface TreeRow<Item> {
  name: string
  path: string
  item: Item | null
  depth: number
  folder: boolean
  open: boolean
}

interface Folder<Item> {
  folders: Map<string, Folder<Item>>
  leaves: TreeNode<Item>[]
  item: Item | null
}

function emptyFolder<Item>(): Folder<Item> {
  return { folders: new Map(), leaves: [], item: null }
}

export function isFolder<Item>(node: TreeNode<Item>): boolean {
  return node.children.length > 0 || !node.item
}

function toNodes<Item>(folder: Folder<Item>, prefix: string): TreeNode<Item>[] {
  const folders = [...folder.folders].map(([name, inner]) => {
    const path = `${prefix}${name}`
    const children = toNodes(inner, `${path}/`)
    const only = children.length === 1 ? children[0] : undefined
    return !inner.item && only && isFolder(only)
      ? { ...only, name: `${name}/${only.name}` }
      : { name, path, item: inner.item, children }
  })
  const byName = (one: TreeNode<Item>, other: TreeNode<Item>) => one.name.localeCompare(other.name)
  return [...folders.sort(byName), ...folder.leaves.sort(byName)]
}

/** Folders first, then leaves, both by name. */
export function buildTree<Item extends { path: string }>(items: readonly Item[]): TreeNode<Item>[] {
  const root = emptyFolder<Item>()
  for (const item of items) {
    const parts = item.path.split('/')
    const name = parts.pop() ?? item.path
    let folder = root
    for (const part of parts) {
      const inner = folder.folders.get(part) ?? emptyFolder<Item>()
      folder.folders.set(part, inner)
      folder = inner
    }
    if (name) folder.leaves.push({ name, path: item.path, item, children: [] })
    else folder.item = item
  }
  return toNodes(root, '')
}

/** The rows that are visible when some folders are open. */
export function flattenTree<Item>(
  nodes: readonly TreeNode<Item>[],
  isOpen: (path: string) => boolean,
  depth = 0,
): TreeRow<Item>[] {
  return nodes.flatMap((node) => {
    const open = isFolder(node) && isOpen(node.path)
    const row = { name: node.name, path: node.path, item: node.item, depth, folder: isFolder(node), open }
    return open ? [row, ...flattenTree(node.children, isOpen, depth + 1)] : [row]
  })
}

/** The folders above a path, outermost first. */
export function ancestorsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
