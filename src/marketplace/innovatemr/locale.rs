//! Countries and languages as InnovateMR writes them: English names in requests, codes and names in answers.
//!
//! `United States`, `India` and `ENGLISH` are seen in the vendor's sample and in use; that the others follow the English
//! names of ISO 3166 and ISO 639 is assumed.

/// Countries, a line each: ISO 3166-1 alpha-2, English name.
const COUNTRIES: &str = include_str!("locale/countries.txt");

/// Languages, a line each: ISO 639-1, English name in upper case.
const LANGUAGES: &str = include_str!("locale/languages.txt");

/// The codes and names of a table.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter_map(|line| line.split_once(' '))
}

/// A locale in the vendor's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// ISO 3166-1 alpha-2, in paths and answers.
    pub(super) country_code: &'static str,
    /// English name, in requests.
    pub(super) country: &'static str,
    /// Upper-case English name, in requests, paths and answers.
    pub(super) language: &'static str,
}

/// The vendor's words for a BCP 47 tag of language and region; `None` where they are not known.
pub(super) fn place(locale: &str) -> Option<Place> {
    let (language, region) = locale.split_once('-')?;
    let (country_code, country) = rows(COUNTRIES).find(|(code, _)| *code == region)?;
    let (_, language) = rows(LANGUAGES).find(|(code, _)| *code == language)?;
    Some(Place {
        country_code,
        country,
        language,
    })
}

/// The BCP 47 tag of what an answer shows; `None` where a name is not known.
pub(super) fn tag(country_code: &str, language: &str) -> Option<String> {
    let (region, _) = rows(COUNTRIES).find(|(code, _)| code.eq_ignore_ascii_case(country_code.trim()))?;
    let (language, _) = rows(LANGUAGES).find(|(_, name)| name.eq_ignore_ascii_case(language.trim()))?;
    Some(format!("{language}-{region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_survives_the_way_there_and_back() {
        assert_eq!((rows(COUNTRIES).count(), rows(LANGUAGES).count()), (58, 33));
        for (region, _) in rows(COUNTRIES) {
            for (language, _) in rows(LANGUAGES) {
                let written = format!("{language}-{region}");
                let place = place(&written).unwrap();
                assert_eq!(tag(place.country_code, place.language), Some(written));
            }
        }
    }

    #[test]
    fn what_the_vendor_documents_is_in_the_table() {
        let us = place("en-US").unwrap();
        assert_eq!((us.country, us.language), ("United States", "ENGLISH"));
        assert_eq!(tag("us", "English "), Some("en-US".to_owned()));
        assert_eq!(place("en"), None);
        assert_eq!(place("zh-Hans-CN"), None);
        assert_eq!(tag("US", "KLINGON"), None);
    }
}
