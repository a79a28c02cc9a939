"""Makes a Llama of two layers with random weights and a byte-level vocabulary, and a LoRA adapter for it.

Run by the engine's own Python: ``python tiny_model.py FOLDER``.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHAT = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}</>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def main(folder: Path) -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(["<unk>", "<s>", "</s>", *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    fast.chat_template = CHAT
    fast.save_pretrained(folder / "base")
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary), hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=2048, bos_token_id=1, eos_token_id=2, dtype="float32",
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder / "base")
    make_adapter(folder / "adapter", size=128, layers=2)


def make_adapter(folder: Path, *, size: int, layers: int, rank: int = 8) -> None:
    """A LoRA adapter in the layout of PEFT: two thin random matrices beside each query projection."""
    folder.mkdir()
    described = {
        "peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": rank, "target_modules": ["q_proj"],
        "bias": "none", "lora_dropout": 0.0, "base_model_name_or_path": "base",
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(described))
    name = "base_model.model.model.layers.{}.self_attn.q_proj.lora_{}.weight"
    matrices = {}
    for layer in range(layers):
        matrices[name.format(layer, "A")] = torch.randn(rank, size)
        matrices[name.format(layer, "B")] = torch.randn(size, rank)
    save_file(matrices, folder / "adapter_model.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
