//! BCP 47 tags and the locales of the vendor: ISO 639-2/T and ISO 3166, `eng_us` (OpenAPI, `get_locales`).

/// Languages: ISO 639-1, ISO 639-2/T.
const LANGUAGES: [(&str, &str); 58] = [
    ("af", "afr"),
    ("am", "amh"),
    ("ar", "ara"),
    ("az", "aze"),
    ("bg", "bul"),
    ("bn", "ben"),
    ("bs", "bos"),
    ("ca", "cat"),
    ("cs", "ces"),
    ("da", "dan"),
    ("de", "deu"),
    ("el", "ell"),
    ("en", "eng"),
    ("es", "spa"),
    ("et", "est"),
    ("eu", "eus"),
    ("fa", "fas"),
    ("fi", "fin"),
    ("fr", "fra"),
    ("gl", "glg"),
    ("gu", "guj"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hr", "hrv"),
    ("hu", "hun"),
    ("id", "ind"),
    ("is", "isl"),
    ("it", "ita"),
    ("ja", "jpn"),
    ("ka", "kat"),
    ("kk", "kaz"),
    ("kn", "kan"),
    ("ko", "kor"),
    ("lt", "lit"),
    ("lv", "lav"),
    ("mk", "mkd"),
    ("ml", "mal"),
    ("mr", "mar"),
    ("ms", "msa"),
    ("nb", "nob"),
    ("nl", "nld"),
    ("no", "nor"),
    ("pa", "pan"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "ron"),
    ("ru", "rus"),
    ("sk", "slk"),
    ("sl", "slv"),
    ("sq", "sqi"),
    ("sr", "srp"),
    ("sv", "swe"),
    ("sw", "swa"),
    ("ta", "tam"),
    ("th", "tha"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("vi", "vie"),
];

/// Chinese is written in two ways; the vendor tells them apart by names of its own.
const CHINESE: (&str, &str) = ("zh", "zho");

/// The vendor's code of a tag with language and region; `None` where infield does not know the language.
pub(super) fn to_vendor(tag: &str) -> Option<String> {
    let (language, region) = tag.split_once('-')?;
    let plain = region.len() == 2 && region.bytes().all(|b| b.is_ascii_alphabetic());
    let (_, code) = LANGUAGES
        .iter()
        .chain([&CHINESE])
        .find(|(short, _)| short.eq_ignore_ascii_case(language))?;
    plain.then(|| format!("{code}_{}", region.to_ascii_lowercase()))
}

/// The tag of a vendor's code.
pub(super) fn from_vendor(code: &str) -> Option<String> {
    let (language, region) = code.split_once('_')?;
    let (short, _) = LANGUAGES
        .iter()
        .chain([&CHINESE])
        .find(|(_, long)| long.eq_ignore_ascii_case(language))?;
    Some(format!("{short}-{}", region.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_goes_there_and_back() {
        for (short, long) in LANGUAGES {
            let code = to_vendor(&format!("{short}-US")).unwrap();
            assert_eq!(code, format!("{long}_us"));
            assert_eq!(from_vendor(&code).unwrap(), format!("{short}-US"));
        }
        assert_eq!(to_vendor("en"), None);
        assert_eq!(to_vendor("xx-US"), None);
        assert_eq!(from_vendor("eng"), None);
    }
}
