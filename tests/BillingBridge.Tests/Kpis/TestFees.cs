namespace FhirEmr.BillingBridge.Tests.Kpis;

/// <summary>A few invented rows of a fee schedule.</summary>
internal static class TestFees
{
    private static readonly Dictionary<string, Dictionary<string, string>> Rows = new(StringComparer.Ordinal)
    {
        ["99214|"] = Of("1.92"),
        ["20610|"] = Of("0.79"),
        ["93000|"] = Of("0.17"),
        ["93306|"] = Of("1.46"),
        ["93306|26"] = Of("1.40"),
        ["45378|"] = Of("3.26"),
        ["45378|53"] = Of("1.63"),
        ["11400|"] = Of("1.00", multiple: "2"),
        ["11401|"] = Of("2.00", multiple: "2"),
        ["27447|"] = Of("20.00", pre: "0.10", intra: "0.69", post: "0.21"),
    };

    public static IReadOnlyDictionary<string, string>? Row(string code, string modifier, DateOnly on) => Rows.GetValueOrDefault($"{code}|{modifier}");

    private static Dictionary<string, string> Of(string work, string multiple = "0", string pre = "0.00", string intra = "0.00", string post = "0.00") =>
        new() { ["work"] = work, ["multiple"] = multiple, ["preOp"] = pre, ["intraOp"] = intra, ["postOp"] = post };
}
