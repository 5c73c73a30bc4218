#!/usr/bin/env python3
"""make-music.py out.wav  -- the music that a waiting caller hears: own work, CC0-1.0.

A slow pentatonic melody (宫调式 on D) over broken chords, plucked and soft, 24 s at 8,000 Hz. Every note's tail that
outlasts the end is added to the beginning, so that the piece goes round without a seam. The same every time.
"""
import array
import math
import sys
import wave

RATE = 8000
BEAT = 0.75  # seconds; 32 beats
BEATS = 32
LEVEL = -24.0  # dBFS
LENGTH = int(RATE * BEAT * BEATS)

# D4 E4 F#4 A4 B4 D5 E5 F#5, in semitones from A4 (440 Hz).
NOTE = {"d": -7, "e": -5, "f": -3, "a": 0, "b": 2, "D": 5, "E": 7, "F": 9}
# (note, beats); a dot rests.
MELODY = [
    ("a", 1.5), ("b", 0.5), ("D", 2), ("b", 1), ("a", 1), ("f", 2),
    ("e", 1.5), ("f", 0.5), ("a", 2), ("e", 1), ("d", 1), ("e", 2),
    ("f", 1.5), ("a", 0.5), ("b", 2), ("D", 1), ("E", 1), ("D", 2),
    ("b", 1), ("a", 1), ("f", 1), ("e", 1), ("d", 3), (".", 1),
]
# A bar of four beats each: roots and their broken chords, an octave below the melody.
CHORDS = [
    (-19, -12, -7, -12), (-14, -7, -2, -7), (-22, -15, -10, -15), (-24, -17, -12, -17),
    (-19, -12, -7, -12), (-14, -7, -2, -7), (-17, -12, -5, -12), (-19, -12, -7, -12),
]


def frequency(semitones):
    return 440 * 2 ** (semitones / 12)


def pluck(out, at, semitones, gain, decay):
    """A soft string: a few partials, the higher the shorter, with an attack of 15 ms."""
    pitch = frequency(semitones)
    start = int(at * RATE)
    for index in range(int(decay * 5 * RATE)):
        time = index / RATE
        attack = 0.5 - 0.5 * math.cos(math.pi * min(1, time / 0.015))
        sample = 0.0
        for partial, share in ((1, 1.0), (2, 0.35), (3, 0.15), (4, 0.06)):
            if pitch * partial > 3000:
                break
            sample += share * math.exp(-time * partial ** 0.7 / decay) * math.sin(2 * math.pi * pitch * partial * time)
        out[(start + index) % LENGTH] += gain * attack * sample


def compose():
    out = [0.0] * LENGTH
    beat = 0.0
    for note, beats in MELODY:
        if note != ".":
            pluck(out, beat * BEAT, NOTE[note], 1.0, 0.9)
        beat += beats
    assert beat == BEATS
    for bar, chord in enumerate(CHORDS):
        for step, semitones in enumerate(chord):
            # Below 200 Hz a telephone carries nothing: such roots sound an octave higher.
            while frequency(semitones) < 200:
                semitones += 12
            pluck(out, (bar * 4 + step) * BEAT, semitones, 0.4, 0.7)
    return out


def level(samples):
    """Of what sounds, dBFS: 20 ms frames above -60 dBFS, and of those the ones not 10 dB below their mean."""
    frames = [samples[at:at + 160] for at in range(0, len(samples), 160)]
    energies = [sum(x * x for x in frame) / len(frame) for frame in frames]
    energies = [energy for energy in energies if energy > 1e-6]
    mean = sum(energies) / len(energies)
    energies = [energy for energy in energies if energy >= mean / 10]
    return 10 * math.log10(sum(energies) / len(energies))


def main(path):
    samples = compose()
    gain = 10 ** ((LEVEL - level([sample * 0.1 for sample in samples])) / 20) * 0.1
    pcm = array.array("h", (round(sample * gain * 32768) for sample in samples))
    if sys.byteorder == "big":
        pcm.byteswap()
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(pcm.tobytes())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make-music.py out.wav")
    main(sys.argv[1])
