/** Short names for the generated shapes. */
import type { components } from './schema'

type Schemas = components['schemas']

export type ApiKey = Schemas['ApiKeyRead']
export type ApiKeyCreated = Schemas['ApiKeyCreated']
export type ApiKeyScope = Schemas['ApiKeyScope']
export type AcceptedFrame = Schemas['AcceptedFrame']
export type AskFrame = Schemas['AskFrame']
export type Breaker = Schemas['BreakerRead']
export type Citation = Schemas['CitationRead']
export type Config = Schemas['ConfigRead']
export type DocumentSummary = Schemas['DocumentSummary']
export type DocumentRead = Schemas['DocumentRead']
export type ErrorBody = Schemas['ErrorBody']
export type FileEntry = Schemas['FileEntry']
export type FileRead = Schemas['FileRead']
export type FrameError = Schemas['FrameError']
export type LanguageShare = Schemas['LanguageShare']
export type Message = Schemas['MessageRead']
export type Problem = Schemas['ProblemRead']
export type Repository = Schemas['RepositoryRead']
export type ResumeFrame = Schemas['ResumeFrame']
export type RepositoryAccepted = Schemas['RepositoryAccepted']
export type Run = Schemas['RunRead']
export type RunAccepted = Schemas['RunAccepted']
export type RunError = Schemas['RunError']
export type RunEventBase = Schemas['RunEvent']
export type RunFile = Schemas['RunFileRead']
export type RunStatus = Schemas['RunStatus']
export type SearchHit = Schemas['SearchHit']
export type SearchMode = Schemas['SearchMode']
export type SearchReply = Schemas['SearchReply']
export type Session = Schemas['SessionRead']
export type Step = Schemas['StepRead']
export type StopFrame = Schemas['StopFrame']
export type SystemHealth = Schemas['SystemHealth']
export type Tokens = Schemas['TokenReply']
export type User = Schemas['UserRead']
export type Verification = Schemas['VerificationRead']

const ENDED: readonly RunStatus[] = ['succeeded', 'succeeded_with_warnings', 'failed', 'cancelled']

export function hasEnded(status: RunStatus): boolean {
  return ENDED.includes(status)
}
