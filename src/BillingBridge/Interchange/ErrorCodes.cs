namespace FhirEmr.BillingBridge.Interchange;

/// <summary>The codes of a 999 and TA1 in words.</summary>
internal static class ErrorCodes
{
    public static string Segment(string? ik304) => ik304 switch
    {
        "1" => "unknown segment",
        "2" => "unexpected segment",
        "3" => "required segment missing",
        "4" => "loop occurs too often",
        "5" => "segment occurs too often",
        "6" => "segment is not in the guide",
        "7" => "segment in the wrong order",
        "8" => "segment has element errors",
        "I4" => "segment is not used here",
        "I6" => "segment is required in this situation",
        "I7" or "I8" => "loop occurs too seldom",
        "I9" => "segment must not be used in this situation",
        _ => $"segment error {ik304}",
    };

    public static string Element(string ik403) => ik403 switch
    {
        "1" => "required element missing",
        "2" => "conditional element missing",
        "3" => "too many elements",
        "4" => "element too short",
        "5" => "element too long",
        "6" => "bad character in element",
        "7" => "bad code value",
        "8" => "bad date",
        "9" => "bad time",
        "10" => "element excludes another",
        "12" => "too many repetitions",
        "13" => "too many components",
        "I6" => "code is not allowed here",
        "I9" => "element is required in this situation",
        "I10" => "element is not used",
        "I11" => "too few repetitions for the guide",
        "I12" => "value does not fit the pattern",
        "I13" => "element is not used in this situation",
        _ => $"element error {ik403}",
    };

    public static string Set(string ik502) => ik502 switch
    {
        "1" => "transaction set not supported",
        "2" => "SE missing",
        "3" => "control numbers of ST and SE differ",
        "4" => "wrong segment count in SE",
        "5" => "segments in error",
        "6" => "bad set identifier",
        "7" => "bad set control number",
        "23" => "set control number used twice in the group",
        "I5" => "segments in error for the guide",
        "I6" => "guide not supported",
        _ => $"set error {ik502}",
    };

    public static string Group(string ak905) => ak905 switch
    {
        "1" => "functional group not supported",
        "2" => "guide of the functional group not supported",
        "3" => "GE missing",
        "4" => "control numbers of GS and GE differ",
        "5" => "wrong set count in GE",
        "6" => "bad group control number",
        "19" => "group control number used twice in the interchange",
        _ => $"group error {ak905}",
    };

    public static string Interchange(string ta105) => ta105 switch
    {
        "000" => "no error",
        "001" => "control numbers of ISA and IEA differ",
        "002" or "003" or "017" => "version not supported",
        "004" => "bad segment terminator",
        "005" => "bad sender qualifier",
        "006" => "bad sender id",
        "007" => "bad receiver qualifier",
        "008" => "bad receiver id",
        "009" => "unknown receiver",
        "010" or "011" or "012" or "013" => "bad authorisation or security element",
        "014" => "bad date",
        "015" => "bad time",
        "016" => "bad standards id",
        "018" => "bad control number",
        "019" => "bad acknowledgement request",
        "020" => "bad or unwelcome test indicator",
        "021" => "wrong group count in IEA",
        "022" => "bad control structure",
        "023" => "the file ends too early",
        "024" => "bad content",
        "025" => "control number used before",
        "026" => "bad element separator",
        "027" => "bad component separator",
        _ => $"interchange error {ta105}",
    };
}
