/** A graph as a Mermaid flowchart of a size that a person can read, and its nodes by distance. */
import type { CodeGraph, CodeNode } from '@/api/types'

const MOST_NODES = 20
const MOST_EDGES = 36
const LONGEST_LABEL = 40

export interface Ring {
  distance: number
  nodes: CodeNode[]
}

/** Nodes by how many steps they are away, the nearest first; the focus itself is left out. */
export function ringsOf(graph: CodeGraph): Ring[] {
  const rings = new Map<number, CodeNode[]>()
  for (const node of graph.nodes) {
    const distance = node.distance ?? 0
    if (distance > 0) rings.set(distance, [...(rings.get(distance) ?? []), node])
  }
  return [...rings].sort(([one], [other]) => one - other).map(([distance, nodes]) => ({ distance, nodes }))
}

/** The nearest nodes and the arrows between them; nothing when no arrow is left. */
export function diagramOf(graph: CodeGraph): string {
  const own = graph.nodes.filter((node) => node.kind !== 'external')
  const ids = new Set(own.map((node) => node.id))
  const edges = graph.edges.filter((edge) => edge.source !== edge.target && ids.has(edge.source) && ids.has(edge.target))
  const degree = new Map<string, number>()
  for (const edge of edges) for (const end of [edge.source, edge.target]) degree.set(end, (degree.get(end) ?? 0) + (edge.weight ?? 1))
  const kept = own
    .filter((node) => degree.has(node.id))
    .sort((one, other) => (one.distance ?? 0) - (other.distance ?? 0) || (degree.get(other.id) ?? 0) - (degree.get(one.id) ?? 0))
    .slice(0, MOST_NODES)
  const names = new Map(kept.map((node, index) => [node.id, `n${index}`]))
  const heaviest = edges
    .filter((edge) => names.has(edge.source) && names.has(edge.target))
    .sort((one, other) => (other.weight ?? 1) - (one.weight ?? 1))
  const arrows = [...new Set(heaviest.map((edge) => `  ${names.get(edge.source)} --> ${names.get(edge.target)}`))].slice(0, MOST_EDGES)
  if (arrows.length === 0) return ''
  const drawn = new Set(arrows.flatMap((arrow) => arrow.trim().split(' --> ')))
  const boxes = kept.filter((node) => drawn.has(names.get(node.id) ?? '')).map((node) => `  ${names.get(node.id)}["${labelOf(node)}"]`)
  return ['graph LR', ...boxes, ...arrows].join('\n')
}

/** Letters that Mermaid could read as syntax become underscores; a long name keeps its end. */
function labelOf(node: CodeNode): string {
  const clean = (node.label || node.id).replace(/[^\p{L}\p{N}_./\- ]/gu, '_')
  return clean.length > LONGEST_LABEL ? `…${clean.slice(1 - LONGEST_LABEL)}` : clean
}
