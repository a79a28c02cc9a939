import { describe, expect, it } from 'vitest'

import { findTrigger, fit, rank, replaceTrigger } from '@/features/chat/composables/mentions'

describe('triggers', () => {
  it('finds the @ that the caret stands behind', () => {
    expect(findTrigger('see @app/ta', 11)).toEqual({ kind: '@', query: 'app/ta', start: 4 })
  })

  it('takes an address for what it is', () => {
    expect(findTrigger('mail me@example', 15)).toBeNull()
  })

  it('finds / only at the beginning', () => {
    expect(findTrigger('/as', 3)).toEqual({ kind: '/', query: 'as', start: 0 })
    expect(findTrigger('a /as', 5)).toBeNull()
  })

  it('is over after a space', () => {
    expect(findTrigger('@app then', 9)).toBeNull()
  })
})

describe('replacing', () => {
  it('puts a file where the trigger stood, and the caret behind it', () => {
    const trigger = findTrigger('see @ta now', 7)
    expect(trigger && replaceTrigger('see @ta now', 7, trigger, '`a/task.py`')).toEqual({ text: 'see `a/task.py` now', caret: 16 })
  })

  it('takes the trigger away when nothing replaces it', () => {
    const trigger = findTrigger('@cel', 4)
    expect(trigger && replaceTrigger('@cel', 4, trigger, '')).toEqual({ text: '', caret: 0 })
  })
})

describe('ranking', () => {
  it('puts the beginning of a file name first, then inside it, then the path', () => {
    const paths = ['task/other.py', 'a/my_task.py', 'a/task.py', 'docs/zzz.rst']
    expect(rank(paths, (path) => path, 'task', 9)).toEqual(['a/task.py', 'a/my_task.py', 'task/other.py'])
  })

  it('finds letters in order, as one abbreviates', () => {
    expect(fit('celery/app/task.py', 'capptk')).not.toBeNull()
    expect(fit('celery/app/task.py', 'xyz')).toBeNull()
  })

  it('keeps to the most', () => {
    expect(rank(['a', 'b', 'c'], (name) => name, '', 2)).toHaveLength(2)
  })
})
