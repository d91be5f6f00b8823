"""Who made each photograph of the set ``photos``, and on what terms it may be shown."""

_OPEN_IMAGES = "Open Images, image {id}, CC BY 2.0"
_OPEN_IMAGES_V4 = "Open Images Dataset v4, image {id}; its images are listed as CC BY 2.0"

CREDITS: dict[str, str] = {
    "astronaut": "Eileen Collins, NASA, public domain",
    "cat": _OPEN_IMAGES.format(id="02b4196ce8a0e541"),
    "chelsea": "Chelsea the cat, Stefan van der Walt, CC0",
    "chickadee": _OPEN_IMAGES.format(id="05cae1286a212d52"),
    "coffee": "Cup of coffee, Rachel Michetti, CC0",
    "dog_grass": _OPEN_IMAGES_V4.format(id="81b9f6167f421960"),
    "dog_running": _OPEN_IMAGES_V4.format(id="852e7ee93eaded19"),
    "dogs": _OPEN_IMAGES.format(id="82270c27bacdcaa4"),
    "dragonfly": _OPEN_IMAGES.format(id="d9ed55a129da5505"),
    "grace_hopper": "Grace Hopper, Naval History and Heritage Command, NH 96919-KN, public domain",
    "hot_dog": _OPEN_IMAGES.format(id="1170c58625bec5dc"),
    "owl": _OPEN_IMAGES.format(id="165178f034f150ba"),
    "parrot": _OPEN_IMAGES.format(id="0f3ebab958f44f5f"),
    "rocket": "Rocket launch, SpaceX, public domain",
    "samoyed_128": "samoyed_36, Oxford-IIIT Pet, CC BY-SA 4.0",
    "sunflower": _OPEN_IMAGES.format(id="57c28a05d44c2ff9"),
}
