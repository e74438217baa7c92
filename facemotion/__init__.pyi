from .alignment.face import align as align
from .inference import Predictor as Predictor
from .models.fmpn import FMPN as FMPN
from .opened import open as open
from .priors.bank import PriorBank as PriorBank
from .runs import Run as Run
from .training.face_dataset import FaceDataset as FaceDataset

__version__: str
