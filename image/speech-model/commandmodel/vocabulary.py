"""Words of the model: what callers of an office say, and common words that they might say.

`COMMANDS` are the words that menus are made of. `BACKGROUND` are everyday words that no menu asks
for: they are in the lexicon so that they can stand beside the choices and be recognised as
something else (see `package.decoys`). All are words of CMUdict.
"""


def listed(text: str) -> list[str]:
    """The words of `text`."""
    return text.split()


DIGITS = listed("zero oh one two three four five six seven eight nine")
NUMBERS = listed(
    """
    ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty
    thirty forty fifty sixty seventy eighty ninety hundred thousand million double triple
    """
)
ORDINALS = listed(
    """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
    thirtieth
    """
)
DAYS = listed(
    """
    sunday monday tuesday wednesday thursday friday saturday today tomorrow yesterday
    tonight weekend week month year day
    """
)
MONTHS = listed(
    """
    january february march april may june july august september october november december
    """
)
LETTERS = list("abcdefghijklmnopqrstuvwxyz")
ALPHABET = listed(
    """
    alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november
    oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu
    """
)

OFFICE = listed(
    """
    sales support billing accounts account accounting operator agent agents representative
    department reception receptionist secretary manager management director office service
    services customer customers technical technician help helpdesk desk marketing purchasing
    shipping receiving warehouse human resources personnel payroll legal press media
    training logistics dispatch workshop repairs repair maintenance security engineering
    production quality finance treasury administration front back desk doctor nurse clinic
    pharmacy dentist school kitchen store shop parts spare garage yes no yeah nope okay ok
    sure correct incorrect right wrong true false agree disagree maybe cancel repeat again
    goodbye bye hello hi hey sorry thanks thank you please excuse pardon welcome stop start
    continue next previous last first main menu return exit quit skip go more less option
    options other another information details location directions address hours hour opening
    closing open close closed holiday holidays time times number numbers extension directory
    name names password pin code message messages voicemail mailbox record recording listen
    play delete save keep star pound hash key press enter say speak talk call calls calling
    caller callback transfer connect hold wait ring dial phone telephone mobile cell fax
    email mail letter website internet online line lines network computer printer software
    hardware update install connection password appointment appointments meeting visit
    booking reservation reserve schedule reschedule change confirm confirmation move earlier
    later soon now before after morning afternoon evening night noon midnight minute minutes
    seconds oclock half quarter past invoice invoices bill bills pay payment payments paid
    balance card credit debit cash bank check refund refunds return returns exchange price
    prices cost quote quotation offer discount tax dollars cents euros order orders delivery
    deliveries deliver package parcel tracking track status shipment pickup item product
    products catalog stock missing damaged broken late lost contract contracts insurance
    claim claims policy complaint complaints problem problems question questions report
    emergency urgent accident fire police ambulance alarm danger help new existing member
    membership subscription subscribe register registration login sign up room rooms ticket
    tickets table flight hotel taxi train weather news traffic sports english spanish french
    german italian language family friends friend work home personal private business
    company partner supplier job jobs activate deactivate activated deactivated enable
    disable enabled disabled add added remove removed received cancelled forward forwarding
    waiting disturb speed entered try moment in use set on off i me my we our your it is am
    are was be have has had do does did not can could would should will want need like to a
    an the for from of with and or at by about this that what when where who why how here
    there get give got make take tell let know person someone somebody anyone world via
    """
)

BACKGROUND = listed(
    """
    apple orange banana bread butter cheese coffee tea milk water sugar salt pepper dinner
    lunch breakfast cake cookie chicken fish meat rice potato tomato garden flower tree
    grass forest mountain river ocean beach island valley desert lake bridge street road
    corner city town village country state border church castle tower palace museum theater
    cinema music song guitar piano drum dance movie picture paper pencil pen book page story
    poem magazine newspaper window door wall floor ceiling roof chair sofa bed pillow
    blanket lamp candle mirror clock watch glass bottle cup plate knife fork spoon basket
    bucket box bag pocket wallet shirt trousers dress shoes socks jacket coat hat glove
    scarf button zipper cotton leather silver gold iron steel copper stone rock sand dust
    mud snow ice rain wind storm cloud thunder sun moon star planet sky heaven earth animal
    dog cat horse cow pig sheep goat rabbit mouse lion tiger elephant monkey bear wolf fox
    snake bird eagle duck goose spider butterfly mother father brother sister uncle aunt
    cousin baby child children husband wife grandmother teacher student lawyer farmer
    soldier sailor pilot driver captain baker butcher painter writer singer actor dancer
    king queen prince princess president minister judge head face nose mouth tooth tongue
    neck shoulder elbow finger thumb knee ankle stomach heart blood bone skin brain happy
    sad angry tired hungry thirsty afraid brave clever stupid lazy busy quiet loud strong
    weak heavy light dark bright clean dirty empty full narrow wide deep shallow tall short
    long thick thin sharp smooth rough soft hard warm cold hot cool dry wet fresh old young
    ancient modern simple difficult easy strange famous beautiful ugly red blue green yellow
    purple brown black white gray pink walk run jump climb swim fly drive ride carry throw
    catch push pull lift drop break build cut cook eat drink sleep dream laugh cry smile
    whisper shout sing read write draw paint teach learn forget remember believe hope love
    hate fight win lose hide seek find follow lead grow plant wash brush burn freeze melt
    mix pour shake turn twist bend fold always never often sometimes usually probably
    perhaps almost already together alone inside outside above below under over between
    behind beside across around through against without because although however therefore
    instead except until while during since nothing something everything everybody nobody
    anything anywhere everywhere somewhere football baseball tennis hockey basketball chess
    game team winner champion trophy race engine wheel brake truck bicycle motorcycle
    airplane helicopter boat ship anchor harbor station airport ticket luggage passport
    tunnel highway gasoline battery machine hammer ladder rope chain nail screw wire plastic
    rubber wood science history geography chemistry physics mathematics biology university
    college laboratory experiment theory research discovery invention electricity magnet
    temperature pressure medicine hospital patient fever headache virus vitamin operation
    surgery government election congress parliament army navy weapon battle victory peace
    freedom justice religion spirit angel devil magic mystery ghost monster giant dragon
    market factory industry money fortune treasure diamond jewel opinion attention attitude
    experience knowledge wisdom courage patience friendship situation development
    environment opportunity responsibility temperature adventure celebration christmas
    birthday wedding party festival summer winter autumn spring wonderful terrible horrible
    excellent perfect absolute complete certain serious dangerous suddenly quickly slowly
    carefully finally actually exactly especially obviously
    """
)

PHRASES = """
customer service|technical support|sales department|accounts department|human resources
opening hours|speak to an agent|speak to a representative|talk to a person|talk to someone
i would like to speak to an operator|i want to talk to sales|i need help|help me please
call me back|please call me back|leave a message|leave a message please|repeat that please
say that again|go back|go back to the main menu|main menu|previous menu|more options
cancel my order|where is my order|track my delivery|track my package|pay my bill|pay an invoice
check my balance|yes please|no thank you|no thanks|thank you goodbye|that is correct|yes it is
that is right|that is wrong|no it is not|make an appointment|change my appointment
cancel my appointment|i have an appointment|return an item|i want to return a product
i have a problem|i have a problem with my phone|opening times|your address please
account number|order number|customer number|telephone number|credit card|credit card payment
new customer|existing customer|report a problem|report an accident|billing question
a question about my bill|transfer me to reception|i need help with my invoice|voicemail please
call forwarding|call waiting|do not disturb|speed dial|you entered|please try again|is in use
one moment please|hello world|is set to|spare parts|lost and found|the front desk|the manager
good morning|good afternoon|who is calling|what time do you open|are you open today
when are you open|i want to cancel|i would like to order|place an order|new order
is there someone there|connect me please|put me through|hold the line|my name is
""".replace("\n", "|")


def unique(words: list[str]) -> list[str]:
    """`words` without repetitions, in their first order."""
    return list(dict.fromkeys(words))


COMMANDS = unique(
    DIGITS
    + NUMBERS
    + ORDINALS
    + DAYS
    + MONTHS
    + LETTERS
    + ALPHABET
    + OFFICE
    + [word for phrase in PHRASES.split("|") for word in phrase.split()]
)
SENTENCES = unique([phrase for phrase in PHRASES.split("|") if phrase])
DECOYS = [word for word in unique(BACKGROUND) if word not in COMMANDS]
LEXICON = COMMANDS + DECOYS
