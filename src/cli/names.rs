//! Names that somebody typed and that do not exist: what was probably meant.

use super::ui::Stop;
use crate::diag::suggest;

/// The thing with a word, out of all there are, for an argument of the command line.
///
/// # Errors
/// When there is none: with the nearest word, or with all of them.
pub(super) fn one_of<T: Copy>(
    noun: &str,
    typed: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.iter().find(|one| word(**one) == typed);
    found.copied().ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
        let help = suggest::help(typed, words.iter().copied(), || {
            format!("there are {}", words.join(", "))
        });
        format!("there is no {noun} `{typed}`; {help}")
    })
}

impl Stop {
    /// Adds what was probably meant by a name that does not exist, or else another help.
    pub(super) fn meant<N: AsRef<str>>(
        self,
        typed: &str,
        known: impl IntoIterator<Item = N>,
        otherwise: impl Into<String>,
    ) -> Self {
        let known: Vec<N> = known.into_iter().collect();
        let near = suggest::meant(typed, known.iter().map(AsRef::as_ref));
        self.help(near.map_or_else(|| otherwise.into(), suggest::ask))
    }
}
