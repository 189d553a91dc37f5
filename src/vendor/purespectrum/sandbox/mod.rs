//! The PureSpectrum emulator.
