"""What an image model is and how it is trained, in one frozen configuration."""

from __future__ import annotations

from dataclasses import dataclass, field

from reflet.generate.bundle import SamplingDefaults
from reflet.models.autoencoder import AutoencoderConfig
from reflet.models.image import ImageFlowConfig
from reflet.models.text import TextConfig
from reflet.train.autoencoder import AutoencoderTaskConfig
from reflet.train.distill import DistillTaskConfig
from reflet.train.draft import DraftTaskConfig
from reflet.train.image import ImageTaskConfig
from reflet.train.optimizer import OptimizerConfig
from reflet.train.planner import PlannerTaskConfig
from reflet.train.text import TextTaskConfig
from reflet.train.trainer import TrainConfig


@dataclass(frozen=True)
class ImageRecipe:
    """One complete, frozen configuration of an image model: what is built and how it is trained.

    `mirror` shows text encoder and flow each rendered picture flipped too, with left and right exchanged in its scene
    graph before the captions are written.
    """

    name: str
    autoencoder: AutoencoderConfig
    text: TextConfig
    flow: ImageFlowConfig
    autoencoder_task: AutoencoderTaskConfig
    autoencoder_train: TrainConfig
    decoder_task: AutoencoderTaskConfig
    decoder_train: TrainConfig
    text_task: TextTaskConfig
    text_train: TrainConfig
    flow_task: ImageTaskConfig
    flow_train: TrainConfig
    planner_task: PlannerTaskConfig = field(default_factory=PlannerTaskConfig)
    planner_train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=4000))
    draft_task: DraftTaskConfig = field(default_factory=DraftTaskConfig)
    draft_train: TrainConfig = field(
        default_factory=lambda: TrainConfig(num_steps=2000, optimizer=OptimizerConfig(adam_lr=2e-3), decay=0.5)
    )
    distill_task: DistillTaskConfig = field(default_factory=DistillTaskConfig)
    distill_train: TrainConfig = field(default_factory=lambda: TrainConfig(num_steps=3000, decay=0.5))
    size: int = 256
    vocab_size: int = 3072
    sampling: SamplingDefaults = field(default_factory=SamplingDefaults)
    seed: int = 0
    mirror: bool = True
