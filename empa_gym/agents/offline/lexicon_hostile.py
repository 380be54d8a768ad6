"""Words of hostility: what degrades a person, what accuses them, what sends them away.

Listed by meaning, as a thesaurus would: qualities, names, deeds, attitudes. A word alone is nothing; ``hostility`` says
where it is said of the person. Adjectives stand as they are spoken, nouns and verbs stand for all their forms.
"""

from __future__ import annotations

from empa_gym.agents.offline.words import stem


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _forms(words: str) -> frozenset[str]:
    """The nouns in the singular and the plural: "coward", "cowards"."""
    return frozenset(form for word in words.split() for form in (word, word + "s"))


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


CONTEMPT = _set(
    "pathetic stupid idiotic moronic worthless spineless gutless contemptible despicable disgusting repulsive "
    "revolting laughable ludicrous ridiculous brainless dimwitted witless imbecilic cowardly heartless shameless "
    "vile loathsome odious detestable abhorrent pitiful feeble craven snivelling sniveling whining whiny bratty "
    "lousy crappy shitty useless asinine inane puny servile sleazy slimy grubby trashy scummy vacuous abject "
    "ignoble dumb"
)
"""Qualities that nobody gives a person or their things without contempt."""
FLAW = _set(
    "lazy selfish greedy vain arrogant conceited smug pompous rude mean nasty cruel dishonest deceitful devious sly "
    "manipulative hypocritical fake phony phoney incompetent incapable inept clumsy clueless ignorant dim dull "
    "boring foolish naive gullible childish immature infantile babyish petty spiteful vindictive malicious evil "
    "wicked bad terrible awful horrible dreadful hideous ugly fat gross creepy pointless irrelevant insignificant "
    "unlovable unlikable unlikeable undeserving unworthy ungrateful unreliable untrustworthy irresponsible careless "
    "reckless thoughtless inconsiderate insensitive callous unfit unqualified mediocre inferior inadequate needy "
    "clingy exhausting tiresome tedious insufferable unbearable intolerable annoying irritating demanding "
    "melodramatic hysterical crazy insane deranged delusional paranoid unhinged twisted warped rotten cheap weak "
    "wimpy soft slow old thick dense hopeless replaceable expendable disposable unwanted obnoxious repellent vulgar "
    "crude stingy miserly cheating lying scheming treacherous disloyal faithless sneaky shifty crooked corrupt "
    "immoral perverse perverted sick filthy dirty disgraceful shameful abysmal atrocious appalling ghastly rubbish "
    "bogus narrow backward senile worst"
)
"""Qualities that hurt where they are said of a person, and may be said of anything else."""
IN_EXCESS = _set("slow old soft sick dirty narrow thick dense cheap demanding")
"""Of these the ones that may be said kindly, and hurt behind "too"."""
NAMES = _forms(
    "coward liar loser fool idiot moron imbecile cretin dunce dimwit halfwit nitwit simpleton fraud hypocrite "
    "crybaby weakling wimp wuss sissy freak creep weirdo pervert scum vermin parasite leech sponger freeloader "
    "scrounger slob slacker layabout brat bully tyrant monster brute traitor backstabber bitch bastard asshole "
    "arsehole jerk prick twat cunt wanker slut whore hag crone phony charlatan quitter snob bigot narcissist "
    "egotist egoist psycho lunatic maniac nutcase lowlife deadbeat nonentity whiner moaner killjoy thief crook "
    "swindler villain degenerate wretch dope dolt oaf klutz blockhead bonehead clown buffoon sneak swine louse "
    "cheat weasel worm maggot turd dummy numbskull ignoramus amateur dilettante sucker laggard sloth glutton "
    "miser scoundrel rascal rogue cad imposter disgrace embarrassment laughingstock"
)
"""What a person is called in contempt."""
THINGS = _forms(
    "burden joke failure nuisance waste mess shame disappointment pest baby nobody nothing trash garbage rubbish "
    "problem mistake curse stain letdown toddler bore drag pain liability afterthought schoolboy schoolgirl weight "
    "dinosaur relic leftover reject doormat puppet"
)
"""What degrades where a person is said to be it, and may be said of anything else."""
DEEDS = _stems(
    "steal lie cheat ruin wreck spoil waste destroy betray abandon neglect squander botch bungle bluff fake forge "
    "sabotage exploit manipulate deceive trick swindle bully harass humiliate insult poison whine snivel moan sulk "
    "grovel beg cling pester nag brag boast gloat sneer scheme hoard fail shirk cower whimper blubber mope wallow "
    "meddle gossip slander smear con plot bribe loot rob trash fumble grumble nitpick whinge mooch loaf slack "
    "disgrace embarrass taint sully"
)
"""What a person is accused of."""
LOATHE = _stems(
    "despise hate loathe detest pity mock scorn abhor ridicule resent laugh sneer disgust sicken revolt repel nauseate"
)
"""What one feels against somebody, or does to them in contempt."""
CARES = _stems("miss trust want love like care forgive respect stand bear bother grieve mourn notice mind")
"""What nobody would do for somebody who is told so in contempt."""
GOOD = _set(
    "good worthy fit capable competent clever smart bright special likeable likable lovable kind brave strong nice "
    "honest decent gifted talented skilled useful interesting important loyal intelligent qualified cut enough "
    "worth any"
)
"""Qualities whose denial degrades: "you are not good"."""
SELF_HARM = (
    "kill yourself, kill your self, hang yourself, drown yourself, shoot yourself, hurt yourself, harm yourself, cut "
    "yourself, end it all, end your life, take your own life, take your life, drop dead, go die, just die, go and die, "
    "off yourself, kys, better off dead, better dead, you should die, you should be dead, you deserve to die, hope you "
    "die, wish you were dead, wish you would die, jump off a, jump off the, world without you, better if you were "
    "dead, better if you were gone, never been born, never have been born, should not exist, stop existing, stop "
    "breathing, swallow the pills, take the pills, slit your"
)
"""Calls to harm oneself."""
SCORN = (
    "is not ... it is you, was not ... it was you, what kind of a ... does that, what sort of a ... does that, what "
    "kind of person, what sort of person, than you are, than you do, than you will ever, than you ever, shut up, get "
    "lost, go away, ^go home, go to hell, burn in hell, rot in, piss off, fuck off, fuck you, bugger off, sod off, "
    "screw you, get out of my, out of my sight, spare us, spare me, good riddance, shame on you, how dare you, you "
    "dare, you dared, what is wrong with you, what is the matter with you, who do you think you are, laughing stock, "
    "waste of space, waste of time, waste of breath, waste of air, waste of everybody, waste of everyone, make me "
    "sick, makes me sick, make them sick, make everyone sick, cannot stand you, could not stand you, sick of you, "
    "tired of you, fed up with you, bored of you, boo hoo, cry me a river, poor little, big baby, cry baby, grow a "
    "spine, grow a pair, get a grip, better off without you, happier without you, never amount to, good for nothing, "
    "no good to, no use to, any use to, serves you right, serve you right, had it coming, got it coming, has it "
    "coming, have it coming, had that coming, you asked for it, what you get for, get what you ~need|want, you "
    "deserve it, you deserve this, you deserve that, you deserve what, you deserve every ~good|happiness|kindness|bit "
    "of rest, you deserve all, you deserve nothing, you deserve no, you deserve to lose, you deserve to be alone, you "
    "deserve worse, you deserved it, you deserved this, you deserved that, you deserved what, you deserved every, you "
    "deserved all, you deserved to, you deserved nothing, you deserved no, you deserved worse, never deserved, do not "
    "deserve any, do not deserve to, right about you, better than you, you call yourself a, call yourself a, stop "
    "whining, stop moaning, stop complaining, stop crying, stop sulking, stop snivelling, stop sniveling, stop "
    "begging, stop whimpering, stop blubbering, stop bothering, stop wasting, nobody cares, no one cares, nobody "
    "likes you, no one likes you, nobody loves you, no one loves you, nobody wants you, no one wants you, nobody "
    "needs you, no one needs you, nobody misses you, no one misses you, nobody would miss, no one would miss, not be "
    "missed, do not come crying, do not come back, I could not care less, could not care less, cannot be bothered, I "
    "do not care about you, I do not care for you, I laugh at you, people laugh at you, they laugh at you, everybody "
    "laughs at, everyone laughs at, all laugh at you, see through you, see right through, will never forgive you, "
    "will not forgive you, not forgive you, hold it against you, glad to be rid, rid of you, drove him off, drove her "
    "off, drove them off, drove him away, drove her away, drove them away, drove everyone away, drive everyone away, "
    "drive people away, only yourself to blame, because of what you are, know what you are, find out what you are, "
    "out of spite, did not even try, nothing to be proud of, no fault but yours, deserve somebody better, deserves "
    "somebody better, deserve better than you, deserves better than you, the likes of you, too good for you, would be "
    "ashamed of you, is ashamed of you, were ashamed of you, are ashamed of you, never worth a, think less of you, "
    "thinks less of you, looking for sympathy, fishing for sympathy, here for pity, here for sympathy, all your "
    "fault, entirely your fault, get what you deserve ~to|better, got what you deserve, got what you wanted, lost "
    "every right to, let everyone down, let everybody down, let them all down, had ... coming to you, had this "
    "coming, you made it up, nobody believes you, no one believes you, nobody asked for your, no one asked for your, "
    "is on you ~to, are on you, it is all on you, you would be nobody, you would be nothing, see why they would, see "
    "why he would, see why she would, see why nobody, see why no one, who would want you, who would love you, who "
    "would stay with you, who would trust you, who would miss you, who could love you, who could stand you, who would "
    "believe you, you hurt them, you hurt him, you hurt her, you hurt everyone, you threw it away, you threw them "
    "away, you threw him away, last one who should, last person who should, I do not care for, I do not care about, I "
    "could never like, you will be alone, you will always be alone, you will die alone, end up alone, fine until you, "
    "fine before you, what you did was low, what you did was wrong, what you did was shameful, never change, you will "
    "never change, you will never learn, you cannot do anything right, nobody is surprised, no one is surprised, you "
    "of all, no love for you, no place for you, no room for people like, is you who is wrong, the problem is you, the "
    "trouble is you, the fault is yours, the blame is yours, all your doing, you had your chance, you blew it, you "
    "lost them, who you really are, what you really are, not to be trusted, cannot be trusted, could not be trusted, "
    "not my problem, nobody to blame but, no one to blame but, you only have yourself, pretending to be, you are "
    "faking, too good to, never deserve, nobody will forgive, no one will forgive, you make everything worse, you "
    "make it worse, make everything about you, always about you, only about yourself, only think of yourself, think "
    "only of yourself, care only about yourself, only care about yourself, grown tired of you, have had enough of "
    "you, had enough of you, out of your depth, way over your head, do not belong here, you do not belong, do not "
    "belong on, do not belong in, never belonged"
)
"""Formulas of contempt, of sending somebody away, and of "you had it coming"."""
