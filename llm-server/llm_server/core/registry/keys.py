"""Keys of providers at rest: AES-256-GCM (NIST SP 800-38D), bound to the model that they belong to."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from codemuse.errors import Internal

_NONCE_BYTES = 12
_PURPOSE = b"codemuse llm-server provider keys v1"


class KeyUnreadable(Internal):
    """A stored key was encrypted with another secret."""

    code = "provider_key_unreadable"


class KeyVault:
    """Encrypts and decrypts keys.

    Args:
        secrets: What the encryption key is derived from (HKDF, RFC 5869); the first encrypts, the others may still
            decrypt, which is how the secret is changed.
    """

    def __init__(self, *secrets: SecretStr) -> None:
        self._ciphers = [AESGCM(_derive(secret)) for secret in secrets]

    def encrypt(self, key: SecretStr, *, place: str) -> bytes:
        """Nonce and ciphertext; ``place`` (organisation and model) is authenticated, so that rows cannot be swapped."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, key.get_secret_value().encode(), place.encode())

    def decrypt(self, encrypted: bytes, *, place: str) -> SecretStr:
        """The key.

        Raises:
            KeyUnreadable: It was encrypted with another secret, or for another place.
        """
        nonce, ciphertext = encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:]
        for cipher in self._ciphers:
            try:
                return SecretStr(cipher.decrypt(nonce, ciphertext, place.encode()).decode())
            except InvalidTag:
                continue
        raise KeyUnreadable("A stored provider key cannot be decrypted; enter it again.")


def _derive(secret: SecretStr) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.get_secret_value().encode())
