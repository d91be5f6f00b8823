"""The files of each set: paths below a data folder, SHA-256, and where they are served untouched.

Checksums of files that exist only unpacked at their source are those of the served bytes.
"""

from collections.abc import Iterable, Mapping

from dlbook.data.registry import File, Variant

_SHA256 = """
04ca007c1564cbe32f5b99217f2b96664723b51f3cc31889ed8c92ea54ac5f1e  BCCD/annotations.json
7b5e028b2203587db70d4ad02b3e5c7bd46a78f7702433647dfbb65bc136a71a  BCCD/images.tar
63205452a1e2da6cfa1b519a37ea3f020a59b036f6faa16ffdfb06373cbc2616  CIFAR10/cifar10_jpeg.npz
3da51e4a57311a06ac8b64c48981a8912f2f4dcd5bff848a3bc8f21ed54d0591  CIFAR10/cifar10_lossless_first4000.npz
5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b  FashionMNIST/raw/t10k-images-idx3-ubyte
346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073  FashionMNIST/raw/t10k-images-idx3-ubyte.gz
0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34  FashionMNIST/raw/t10k-labels-idx1-ubyte
67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5  FashionMNIST/raw/t10k-labels-idx1-ubyte.gz
c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888  FashionMNIST/raw/train-images-idx3-ubyte
3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84  FashionMNIST/raw/train-images-idx3-ubyte.gz
bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9  FashionMNIST/raw/train-labels-idx1-ubyte
a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845  FashionMNIST/raw/train-labels-idx1-ubyte.gz
6e1115adf36741498034165778a3300cd11f24c419e32a60d0a5057dd92998c1  GroceryStoreDataset/classes.csv
0df842dce42c19e99c96cd1fad8771bda0388b09dac7cd1f06d107eaf37b9e67  GroceryStoreDataset/test.tar
9a464934780665c0024db405571c0dd2d149488a245f476557de7f1c31cf8a93  GroceryStoreDataset/test.txt
b837834c0a989ca224d7d59dec109ce43d13205857a417d85f514977fb51f5a9  GroceryStoreDataset/train.tar
b6d6a4d25fc2a7604f4bbd4e8010516f3bb643f727fc60ef5fca042edd01294f  GroceryStoreDataset/train.txt
a8f13632bfaef0bd1b1f0ad5bf56813ee05819753315293b14cb0db0773a5862  GroceryStoreDataset/val.tar
a2a2bdf8ce34196c1a1dd554bd67e780793aab9363dd40d6cf50fe2d168a78b6  GroceryStoreDataset/val.txt
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  MNIST/raw/t10k-images-idx3-ubyte
8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6  MNIST/raw/t10k-images-idx3-ubyte.gz
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  MNIST/raw/t10k-labels-idx1-ubyte
f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6  MNIST/raw/t10k-labels-idx1-ubyte.gz
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  MNIST/raw/train-images-idx3-ubyte
440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609  MNIST/raw/train-images-idx3-ubyte.gz
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  MNIST/raw/train-labels-idx1-ubyte
3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c  MNIST/raw/train-labels-idx1-ubyte.gz
ac1ec605c9e1fcda767970de3457c69b4a43b62c02aca8c4c80f51d1b5ae8449  TACO/annotations.json
2e26ba658a087916ed318b3724f87e7cd6feb3718102735f10854833d1d014a0  TACO/annotations.json.gz
2ee3cd7ed4288d6f3f4e896580be749cebfb2b76f679ac09b0914021a16285fe  TACO/detect_waste_annotations_test.json
ebd5a293065d006af1040654e33a0141e01cb63f61adf00c03425293a18ed5dd  TACO/detect_waste_annotations_test.json.gz
5d38eb52f1134880b7bb3a9f9d5fe0fc09be822383b13afa4706f53e99ed65cd  TACO/detect_waste_annotations_train.json
4774bf117fb384bca470ac4505abca0b850613a675be24a761a72244e2e7377e  TACO/detect_waste_annotations_train.json.gz
f108ee4bbd66a89e2b0d6d5fd81c7e40b6cc74a03b083a890f0135b878413b00  photos/astronaut.png
cfb1dbdf64b30de79104a47555ff8e9f12737a12c2128ecd0e7f38531a8c13ce  photos/cat.jpg
d7784fad50b59a15b0b1fcff9904a9ce199a60eda0c368de1aae4f969f9e888e  photos/chelsea.png
9ab9e4587908524f8ce91dbdc310538dba3c16050d8fbee7a7d89f02af90c66e  photos/chickadee.png
78769c7b02a40adee579122b73174b60da31474c6134240ec10be806e40d63ed  photos/coffee.png
bf9211d4a16020ec19fbf9b733e11add45069579070dac897fb6e79f2ebb65cc  photos/dog_grass.png
071bca23aad841172777f93f84c02042f7628d03dbaeecdf270e567471e7b83e  photos/dog_running.png
3d71034f8a910bc71c744d3191b652c6c09e9e9c703e4dcd97f1c5ef7adbfe82  photos/dogs.jpg
20925fe29351b8831728ca277fadfc56ca39938f0469e13adae8ec52073340ce  photos/dragonfly.png
0e43357e48527d39ab00a0fc587a8cf1877303980019a23a9b7df1ad6fd0cbc6  photos/grace_hopper.png
ed6952e022eb71c0d0b1ff068dcee3abed056dfa1852f041c35f138c4ff15b2e  photos/hot_dog.jpg
ea9a0e3943bbd0acaeb472a6e66e777d13cf76646f9e42e84cafa931cc8a5bf7  photos/owl.jpg
a8fba9e7e29439fa414c13129aad661f2289ff891231920a7c33641b076f1833  photos/parrot.jpg
016970cc846813c83ef704f83c76bdeb6e0e2b48cb6cc833d522bf49f9278730  photos/rocket.jpg
1466e8988a063445f18f73f9cb28b0a754c5c9c451647ae218b15b8fa422b954  photos/samoyed_128.png
9ca5cc5dbea1bb0a912388b3fd5de9fd9d19add1e8e4dcb641585018f4d99881  photos/samoyed_128_mask.png
43168c682a191ddc021d75b519910a859491c19bcf50e4d5bd7ac2194b27466d  photos/sunflower.png
4ace77d558c3714723843f1d65b60c01e3417b208180f0728808d76ad0eeeaca  text/rt-polarity.neg
3aa637a26acb029e472cfd03a67ebaca976efabaf7ccb1ae92a2b30a012716d5  text/rt-polarity.neg.gz
2da124ec187a9d5a29c9f04e91c540e02baed5af8868f550a26bd6fd4dbf8bf0  text/rt-polarity.pos
d3026fc9ee30f54f8ff36cd133e45a341eb52c8127c519901417776052516386  text/rt-polarity.pos.gz
86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed  text/tinyshakespeare.txt
13125fe8f49092165d7d489e3944db52d1ba546e64a60080cc9523bcd0c5e46a  text/tinyshakespeare.txt.gz
611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9  translation/multi30k/test_2016_flickr.en.gz
6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90  translation/multi30k/test_2016_flickr.fr.gz
d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f  translation/multi30k/train.en.gz
622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c  translation/multi30k/train.fr.gz
14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28  translation/multi30k/val.en.gz
ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9  translation/multi30k/val.fr.gz
5634220f8a26a9a23b84753a9aec0b0832e6bdaa9da3f83e0bd84c928c3f46e3  translation/tatoeba_laser/tatoeba.fra-eng.eng
644172ff9642fefa9e41c29b7d6f44196518e84350dc44d4992e943c0cca92b6  translation/tatoeba_laser/tatoeba.fra-eng.fra
59a0dfe7764f5445363f2bebaed6300f5b09f1e26bef0fbcc7fc1174e5484364  weights/mobilenet_v2_dequantised.npz
9d086ed9eed10a3d5f1a93e1180c745ffe8bfe6d4798bef977f95427732c8184  weights/squeezenet1_0_deepcompression.npz
"""  # noqa: E501
_DIGESTS = {
    path: f"sha256:{digest}" for digest, path in (line.split() for line in _SHA256.split("\n") if line)
}

_GITHUB = "https://raw.githubusercontent.com"
_SKIMAGE = f"{_GITHUB}/scikit-image/scikit-image/60764df36c34c5202554aae507722836b6108d10/skimage/data"
_CORAL = f"{_GITHUB}/google-coral/test_data/104342d2d3480b3e66203073dac24f4e2dbb4c41"
_MULTI30K = f"{_GITHUB}/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/data/task1/raw"
_LASER = f"{_GITHUB}/facebookresearch/LASER/74bc6ae7ffb7cba670fe0f428d0ede9f666fb821/data/tatoeba/v1"
_KARPATHY = f"{_GITHUB}/karpathy/ng-video-lecture/52201428ed7b46804849dea0b3ccf0de9df1a5c3"
_YOONKIM = f"{_GITHUB}/yoonkim/CNN_sentence/23e0e1f7355705bb083043fda05c031b15acb38c"
_TACO = f"{_GITHUB}/pedropro/TACO/29de1a9ba05a647b83a90f18d7772e20bb23d846/data"
_WASTE = f"{_GITHUB}/wimlds-trojmiasto/detect-waste/0a4367b121e4bfabdfb148b323090573ac2dadc2/annotations"


def _stored(label: str, paths: Iterable[str], note: str = "") -> Variant:
    """List a form of a set that is served nowhere in these very bytes, or not by an address typed here."""
    return Variant(label, tuple(File(path, _DIGESTS[path]) for path in paths), note)


def _served(label: str, addresses: Mapping[str, str], note: str = "") -> Variant:
    """List a form of a set whose files are served one by one: path -> address."""
    return Variant(label, tuple(File(p, _DIGESTS[p], (url,)) for p, url in addresses.items()), note)


_IDX = [
    f"{part}-ubyte"
    for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
]
_ENDINGS = {"packed": ".gz", "unpacked": ""}
# Their addresses come from torchvision: see published.py.
MNIST = tuple(_stored(k, [f"MNIST/raw/{f}{end}" for f in _IDX]) for k, end in _ENDINGS.items())
FASHION_MNIST = tuple(_stored(k, [f"FashionMNIST/raw/{f}{end}" for f in _IDX]) for k, end in _ENDINGS.items())

CIFAR10_JPEG = _stored(
    "jpeg",
    ["CIFAR10/cifar10_jpeg.npz"],
    "CIFAR-10 here went through JPEG (quality 75, chroma 4:2:0): close to the published pixels, not equal.",
)
CIFAR10_LOSSLESS = _stored(
    "lossless",
    ["CIFAR10/cifar10_lossless_first4000.npz"],
    "The first 4,000 images of CIFAR-10's data_batch_1, in the original order, with the published pixels.",
)
GROCERY = _stored(
    "short side 128",
    [
        f"GroceryStoreDataset/{f}"
        for f in ("classes.csv", *(s + e for s in ("train", "val", "test") for e in (".txt", ".tar")))
    ],
    "Pictures were downscaled to a short side of 128 pixels (JPEG quality 90); cut to the central square.",
)
BCCD = _stored(
    "tar",
    ["BCCD/annotations.json", "BCCD/images.tar"],
    "Two boxes without area in the source (BloodImage_00338, BloodImage_00343) are left out.",
)

_NO_PICTURES = "Annotations only: the pictures are not part of the set."
_TACO_SERVED = {
    "TACO/annotations.json": f"{_TACO}/annotations.json",
    "TACO/detect_waste_annotations_train.json": f"{_WASTE}/annotations_train.json",
    "TACO/detect_waste_annotations_test.json": f"{_WASTE}/annotations_test.json",
}
TACO = (
    _stored("packed", [f"{path}.gz" for path in _TACO_SERVED], _NO_PICTURES),
    _served("as served", _TACO_SERVED, _NO_PICTURES),
)

_PHOTOS_SERVED = {
    **{
        f"photos/{f}": f"{_SKIMAGE}/{f}" for f in ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
    },
    **{f"photos/{f}": f"{_CORAL}/{f}" for f in ("parrot.jpg", "owl.jpg", "hot_dog.jpg")},
    "photos/cat.jpg": f"{_CORAL}/cat_720p.jpg",
    "photos/dogs.jpg": f"{_CORAL}/pets.jpg",
}
PHOTOS = (
    _stored("complete", [path for path in _DIGESTS if path.startswith("photos/")]),
    _served(
        "as served",
        _PHOTOS_SERVED,
        "Nine of the sixteen photographs: those served untouched.",
    ),
)

SQUEEZENET = _stored(
    "npz",
    ["weights/squeezenet1_0_deepcompression.npz"],
    "Pruned to a third, 8-bit codebooks (Deep Compression), decoded; takes the usual ImageNet normalisation.",
)
MOBILENET = _stored(
    "npz",
    ["weights/mobilenet_v2_dequantised.npz"],
    "Dequantised from uint8, batch norm folded in: input x / 127.5 - 1, TensorFlow's padding at stride 2, "
    "load with strict=False.",
)

_PAIRS = [f"{split}.{lang}.gz" for split in ("train", "val", "test_2016_flickr") for lang in ("en", "fr")]
MULTI30K = _served("packed", {f"translation/multi30k/{f}": f"{_MULTI30K}/{f}" for f in _PAIRS})
_TATOEBA = ("tatoeba.fra-eng.eng", "tatoeba.fra-eng.fra")
TATOEBA = _served("plain", {f"translation/tatoeba_laser/{f}": f"{_LASER}/{f}" for f in _TATOEBA})
SHAKESPEARE = (
    _stored("packed", ["text/tinyshakespeare.txt.gz"]),
    _served("as served", {"text/tinyshakespeare.txt": f"{_KARPATHY}/input.txt"}),
)
_POLARITY = ("rt-polarity.neg", "rt-polarity.pos")
RT_POLARITY = (
    _stored("packed", [f"text/{f}.gz" for f in _POLARITY]),
    _served("as served", {f"text/{f}": f"{_YOONKIM}/{f}" for f in _POLARITY}),
)
