"""The datasets of the book: splits, licences as their sources state them, citations, homepages."""

from dlbook.data import files
from dlbook.data.registry import Entry

_KRIZHEVSKY = "Krizhevsky (2009), Learning multiple layers of features from tiny images"
_NONE_STATED_CIFAR = "none stated; CIFAR-10's page asks to cite Krizhevsky (2009)"

_ALL = [
    Entry(
        "mnist",
        ("train", "test"),
        "CC BY-SA 3.0",
        "LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document recognition",
        "http://yann.lecun.com/exdb/mnist/",
        files.MNIST,
        torchvision="MNIST",
        shape=(1, 28, 28),
    ),
    Entry(
        "fashion-mnist",
        ("train", "test"),
        "MIT",
        "Xiao, Rasul and Vollgraf (2017), Fashion-MNIST, arXiv:1708.07747",
        "https://github.com/zalandoresearch/fashion-mnist",
        files.FASHION_MNIST,
        torchvision="FashionMNIST",
        shape=(1, 28, 28),
    ),
    Entry(
        "cifar10",
        ("train", "test"),
        _NONE_STATED_CIFAR,
        _KRIZHEVSKY,
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        (files.CIFAR10_JPEG,),
        torchvision="CIFAR10",
        shape=(3, 32, 32),
    ),
    Entry(
        "cifar10-lossless",
        ("train",),
        _NONE_STATED_CIFAR,
        _KRIZHEVSKY,
        "https://github.com/karpathy/convnetjs",
        (files.CIFAR10_LOSSLESS,),
        shape=(3, 32, 32),
    ),
    Entry(
        "grocery",
        ("train", "val", "test"),
        "MIT",
        "Klasson, Zhang and Kjellstrom (2019), A hierarchical grocery store image dataset with visual and "
        "semantic labels, WACV",
        "https://github.com/marcusklasson/GroceryStoreDataset",
        (files.GROCERY,),
        shape=(3, 64, 64),
        sized=True,
    ),
    Entry(
        "bccd",
        ("train", "val", "test"),
        "MIT",
        "Shenggan, BCCD Dataset",
        "https://github.com/Shenggan/BCCD_Dataset",
        (files.BCCD,),
    ),
    Entry(
        "taco",
        ("all", "detect-waste-train", "detect-waste-test"),
        "MIT",
        "Proenca and Simoes (2020), TACO: Trash annotations in context, arXiv:2003.06975; "
        "Majchrowska et al. (2022), Deep learning-based waste detection in natural and urban environments",
        "https://github.com/pedropro/TACO",
        files.TACO,
    ),
    Entry(
        "photos",
        ("all",),
        "one per photograph, in extra['credits']: public domain, CC0, CC BY 2.0, CC BY-SA 4.0",
        "scikit-image's example data; google-coral/test_data",
        "https://github.com/scikit-image/scikit-image",
        files.PHOTOS,
    ),
    Entry(
        "squeezenet-weights",
        ("all",),
        "BSD",
        "Iandola et al. (2016), SqueezeNet, arXiv:1602.07360; Han, Mao and Dally (2016), Deep compression, "
        "arXiv:1510.00149",
        "https://github.com/songhan/SqueezeNet-Deep-Compression",
        (files.SQUEEZENET,),
    ),
    Entry(
        "mobilenet-weights",
        ("all",),
        "Apache-2.0",
        "Sandler et al. (2018), MobileNetV2, arXiv:1801.04381",
        "https://github.com/google-coral/test_data",
        (files.MOBILENET,),
    ),
    Entry(
        "multi30k",
        ("train", "val", "test"),
        "none stated; its authors ask to cite them, and provide the images for non-commercial research and "
        "education",
        "Elliott et al. (2016), Multi30K: Multilingual English-German image descriptions; "
        "Elliott et al. (2017), Findings of the second shared task on multimodal machine translation",
        "https://github.com/multi30k/dataset",
        (files.MULTI30K,),
    ),
    Entry(
        "tatoeba",
        ("test",),
        "CC BY 2.0 FR",
        "Artetxe and Schwenk (2019), Massively multilingual sentence embeddings, arXiv:1812.10464; sentences "
        "from tatoeba.org",
        "https://github.com/facebookresearch/LASER",
        (files.TATOEBA,),
    ),
    Entry(
        "shakespeare",
        ("all",),
        "text in the public domain; the collection MIT",
        "Karpathy (2015), The unreasonable effectiveness of recurrent neural networks",
        "https://github.com/karpathy/ng-video-lecture",
        files.SHAKESPEARE,
    ),
    Entry(
        "rt-polarity",
        ("all",),
        "none stated; its source asks to cite the paper",
        "Pang and Lee (2005), Seeing stars: exploiting class relationships for sentiment categorization with "
        "respect to rating scales, ACL",
        "https://github.com/yoonkim/CNN_sentence",
        files.RT_POLARITY,
    ),
    Entry(
        "digits",
        ("train", "test"),
        "CC BY 4.0",
        "Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning "
        "Repository; through scikit-learn",
        "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        shape=(1, 8, 8),
        sized=True,
    ),
]
ENTRIES = {entry.name: entry for entry in _ALL}
