/** Archives that the gateway reads, and the repository name that a file name suggests. */

const SUFFIX = /\.(tar\.gz|tgz|tar|zip)$/i
const VERSION = /[-_]v?\d+(\.\d+)+([-.]?(alpha|beta|rc|dev)\d*)?$/i

/** What a file input and a drop area accept. */
export const ARCHIVE_TYPES = '.zip,.tar,.tar.gz,.tgz,application/zip,application/gzip,application/x-tar'

export function isArchive(fileName: string): boolean {
  return SUFFIX.test(fileName)
}

/** `flask-3.1.0.tar.gz` becomes `flask`. */
export function nameOfArchive(fileName: string): string {
  return fileName.replace(SUFFIX, '').replace(VERSION, '').replace(/[-_](main|master)$/, '') || fileName
}

/** `https://host/pallets/flask.git` becomes `pallets/flask`. */
export function nameOfUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '').split(/[/:]/).slice(-2).join('/')
}
