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
        "I11" => "too many repetitions for the guide",
        "I12" => "value does not fit the pattern",
        "I13" => "value is not allowed in this situation",
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
        _ => $"set error {ik502}",
    };
}
