//! Countries and languages as InnovateMR writes them: English names in requests, codes and names in answers.
//!
//! `United States`, `India` and `ENGLISH` are seen in the vendor's sample and in use; that the others follow the English
//! names of ISO 3166 and ISO 639 is assumed.

/// A country: ISO 3166-1 alpha-2, English name.
const COUNTRIES: [(&str, &str); 58] = [
    ("AE", "United Arab Emirates"),
    ("AR", "Argentina"),
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BE", "Belgium"),
    ("BG", "Bulgaria"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CL", "Chile"),
    ("CN", "China"),
    ("CO", "Colombia"),
    ("CZ", "Czech Republic"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("EG", "Egypt"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("GR", "Greece"),
    ("HK", "Hong Kong"),
    ("HR", "Croatia"),
    ("HU", "Hungary"),
    ("ID", "Indonesia"),
    ("IE", "Ireland"),
    ("IL", "Israel"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("KE", "Kenya"),
    ("KR", "South Korea"),
    ("LU", "Luxembourg"),
    ("MA", "Morocco"),
    ("MX", "Mexico"),
    ("MY", "Malaysia"),
    ("NG", "Nigeria"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("NZ", "New Zealand"),
    ("PE", "Peru"),
    ("PH", "Philippines"),
    ("PK", "Pakistan"),
    ("PL", "Poland"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("SA", "Saudi Arabia"),
    ("SE", "Sweden"),
    ("SG", "Singapore"),
    ("SK", "Slovakia"),
    ("TH", "Thailand"),
    ("TR", "Turkey"),
    ("TW", "Taiwan"),
    ("UA", "Ukraine"),
    ("US", "United States"),
    ("UY", "Uruguay"),
    ("VN", "Vietnam"),
    ("ZA", "South Africa"),
];

/// A language: ISO 639-1, English name in upper case.
const LANGUAGES: [(&str, &str); 33] = [
    ("ar", "ARABIC"),
    ("bg", "BULGARIAN"),
    ("cs", "CZECH"),
    ("da", "DANISH"),
    ("de", "GERMAN"),
    ("el", "GREEK"),
    ("en", "ENGLISH"),
    ("es", "SPANISH"),
    ("fi", "FINNISH"),
    ("fr", "FRENCH"),
    ("he", "HEBREW"),
    ("hi", "HINDI"),
    ("hr", "CROATIAN"),
    ("hu", "HUNGARIAN"),
    ("id", "INDONESIAN"),
    ("it", "ITALIAN"),
    ("ja", "JAPANESE"),
    ("ko", "KOREAN"),
    ("ms", "MALAY"),
    ("nb", "NORWEGIAN"),
    ("nl", "DUTCH"),
    ("pl", "POLISH"),
    ("pt", "PORTUGUESE"),
    ("ro", "ROMANIAN"),
    ("ru", "RUSSIAN"),
    ("sk", "SLOVAK"),
    ("sv", "SWEDISH"),
    ("th", "THAI"),
    ("tl", "TAGALOG"),
    ("tr", "TURKISH"),
    ("uk", "UKRAINIAN"),
    ("vi", "VIETNAMESE"),
    ("zh", "CHINESE"),
];

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
    let (country_code, country) = COUNTRIES.iter().find(|(code, _)| *code == region)?;
    let (_, language) = LANGUAGES.iter().find(|(code, _)| *code == language)?;
    Some(Place {
        country_code,
        country,
        language,
    })
}

/// The BCP 47 tag of what an answer shows; `None` where a name is not known.
pub(super) fn tag(country_code: &str, language: &str) -> Option<String> {
    let (region, _) = COUNTRIES
        .iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(country_code.trim()))?;
    let (language, _) = LANGUAGES
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(language.trim()))?;
    Some(format!("{language}-{region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_survives_the_way_there_and_back() {
        for (region, _) in COUNTRIES {
            for (language, _) in LANGUAGES {
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
