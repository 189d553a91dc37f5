//! "Did you mean": the known name nearest to what was typed, and how that is said.

/// The nearest known name, if it is near enough to be meant: a third of its letters may be wrong. Two neighbours that
/// changed places count once; capitals, `_` and spaces do not count. Ties go to the earlier one.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = fold(typed);
    let limit = match typed.chars().count() {
        0 => return None,
        letters => letters.max(3) / 3,
    };
    known
        .into_iter()
        .filter(|name| typed.len().abs_diff(name.len()) <= limit)
        .map(|name| (strsim::osa_distance(&typed, &fold(name)), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters of one name have to change to make the other; capitals, `_` and spaces do not count.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(&fold(one), &fold(other))
}

/// What was probably meant by a name of something that somebody made, who may have left out its beginning or its end: the
/// nearest one, or else the first that contains what was typed, or is contained in it.
pub(crate) fn meant<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let within = |part: &str, whole: &str| part.len() >= 3 && whole.contains(part);
    let part = || {
        known
            .iter()
            .copied()
            .find(|name| within(typed, name) || within(name, typed))
    };
    nearest(typed, known.iter().copied()).or_else(part)
}

/// The question after the nearest known name, where one is near enough. Editors offer such a name as a quick fix.
pub(crate) fn question<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, known).map(ask)
}

/// The question after a name.
pub(crate) fn ask(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// What helps whoever typed a name that does not exist: the question after the nearest one, or else a text of the caller's.
pub(crate) fn help<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: impl FnOnce() -> String,
) -> String {
    question(typed, known).unwrap_or_else(otherwise)
}

/// Names in a sentence: `a`, `b` or `c`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// What is compared; of a text without end, its beginning.
fn fold(text: &str) -> String {
    text.chars()
        .take(80)
        .flat_map(char::to_lowercase)
        .map(|c| if c == '_' || c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["gender", "age", "household_income", "completes"];
        assert_eq!(nearest("gendre", known), Some("gender"));
        assert_eq!(nearest("egnder", known), Some("gender"));
        assert_eq!(nearest("Gender", known), Some("gender"));
        assert_eq!(nearest("household-income", known), Some("household_income"));
        assert_eq!(nearest("complets", known), Some("completes"));
        assert_eq!(nearest("zip", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("ab", ["ac", "bb"]), Some("ac"), "the earlier of two");
    }

    #[test]
    fn a_part_of_a_name_means_the_name() {
        let known = ["soda-tracker-w3", "brand-lift", "x"];
        assert_eq!(meant("soda", known), Some("soda-tracker-w3"));
        assert_eq!(meant("the-brand-lift-again", known), Some("brand-lift"));
        assert_eq!(meant("brnad-lift", known), Some("brand-lift"));
        assert_eq!(meant("so", known), None, "two letters are in many names");
        assert_eq!(meant("six-letters", known), None);
        assert_eq!(meant("", known), None);
    }

    #[test]
    fn help_asks_for_the_nearest_name_or_says_what_the_caller_says() {
        let known = ["gender", "age"];
        let all = || format!("write {}", list(known));
        assert_eq!(help("gendre", known, all), "did you mean `gender`?");
        assert_eq!(help("zip", known, all), "write `gender` or `age`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
