import { expect, it } from 'vitest'

import { diagramOf, ringsOf } from '@/features/repositories/composables/graphDiagram'
import type { CodeGraph } from '@/api/types'

function graph(count: number, edges: [number, number][]): CodeGraph {
  const id = (index: number) => `shop/a.py:f${index}`
  return {
    nodes: Array.from({ length: count }, (_, index) => ({ id: id(index), label: `f${index}`, kind: 'function', line_count: 3, distance: index === 0 ? 0 : 1 + (index % 2) })),
    edges: edges.map(([source, target]) => ({ source: id(source), target: id(target), kind: 'calls', weight: 1, confidence: 1 })),
    truncated: false,
  }
}

it('groups nodes by distance and leaves the focus out', () => {
  expect(ringsOf(graph(4, [])).map((ring) => [ring.distance, ring.nodes.map((node) => node.label)])).toEqual([[1, ['f2']], [2, ['f1', 'f3']]])
})

it('draws only what is linked, each arrow once', () => {
  expect(diagramOf(graph(3, [[1, 0], [1, 0], [0, 0]]))).toBe('graph LR\n  n0["f0"]\n  n1["f1"]\n  n1 --> n0')
  expect(diagramOf(graph(3, []))).toBe('')
})

it('stays at a size that can be read', () => {
  const many = diagramOf(graph(80, Array.from({ length: 79 }, (_, index): [number, number] => [index + 1, 0])))
  expect(many.match(/\[/g)).toHaveLength(20)
})

it('lets no name be read as syntax', () => {
  const odd = graph(2, [[1, 0]])
  odd.nodes[1]!.label = 'a"]; click n0 href "javascript:x"'
  expect(diagramOf(odd)).toContain('["a___ click n0 href _javascript_x_"]')
})
