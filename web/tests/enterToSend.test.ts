import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { useEnterToSend } from '@/features/chat/composables/useEnterToSend'

const send = vi.fn()
let field: HTMLTextAreaElement

/** What browsers tell a page, in their own orders. */
const keydown = (init: KeyboardEventInit) => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ...init }))
const breaks = (isComposing = false) => field.dispatchEvent(new InputEvent('beforeinput', { inputType: 'insertLineBreak', cancelable: true, isComposing }))
const compositionEnds = () => field.dispatchEvent(new CompositionEvent('compositionend', { data: '녕' }))

beforeEach(() => {
  vi.useFakeTimers()
  send.mockReset()
  field = document.createElement('textarea')
  const enter = useEnterToSend(send)
  field.addEventListener('keydown', enter.keydown)
  field.addEventListener('beforeinput', enter.beforeinput)
  field.addEventListener('compositionend', enter.compositionend)
})
afterEach(() => vi.useRealTimers())

it('sends on Enter and keeps the line break out of the text', () => {
  keydown({})
  expect(breaks()).toBe(false)
  expect(send).toHaveBeenCalledOnce()
})

it('breaks the line on Shift+Enter', () => {
  keydown({ shiftKey: true })
  expect(breaks()).toBe(true)
  expect(send).not.toHaveBeenCalled()
})

it('sends once when a Mac with Korean gives the Enter twice', () => {
  keydown({ isComposing: true, keyCode: 229 })
  compositionEnds()
  keydown({ keyCode: 13 })
  breaks()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledOnce()
})

it('sends once when the break comes before the last syllable is closed', () => {
  keydown({ isComposing: true, keyCode: 229 })
  breaks(true)
  expect(send).not.toHaveBeenCalled()
  compositionEnds()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledOnce()
})

it('sends nothing when the Enter only chooses a candidate', () => {
  keydown({ isComposing: true, keyCode: 229 })
  compositionEnds()
  vi.runAllTimers()
  expect(send).not.toHaveBeenCalled()
})

it('sends after Safari, whose Enter has code 229 after the composition', () => {
  compositionEnds()
  keydown({ keyCode: 229 })
  breaks()
  expect(send).toHaveBeenCalledOnce()
})

it('leaves other input alone', () => {
  field.dispatchEvent(new InputEvent('beforeinput', { inputType: 'insertText', data: 'a', cancelable: true }))
  expect(send).not.toHaveBeenCalled()
})
