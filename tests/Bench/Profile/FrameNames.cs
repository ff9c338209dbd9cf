using System.Text.RegularExpressions;

namespace FhirEmr.Bench.Profile;

/// <summary>Makes the runtime's names of compiled methods readable: <c>Type.Method</c> with its namespace, without signature and tier.</summary>
internal static partial class FrameNames
{
    /// <param name="name">As in <c>instance void [fhir-emr] A.B.Type::Method(int32)[OptimizedTier1]</c>.</param>
    public static string Short(string name)
    {
        var colons = name.IndexOf("::", StringComparison.Ordinal);
        if (colons < 0)
            return name; // a stub of the runtime
        var bracket = name.LastIndexOf("] ", colons, StringComparison.Ordinal);
        var begin = bracket >= 0 ? bracket + 2 : name.LastIndexOf(' ', colons) + 1;
        var type = Arity().Replace(Arguments().Replace(name[begin..colons], ""), "");
        var end = name.IndexOfAny(['(', '['], colons);
        var method = end < 0 ? name[(colons + 2)..] : name[(colons + 2)..end];

        // The state machine of an async method or an iterator: Type+<Method>d__5::MoveNext; a lambda: <Method>b__5_0.
        if (Machine().Match(type) is { Success: true } machine)
            return $"{machine.Groups[1].Value}.{machine.Groups[2].Value}";
        if (Lambda().Match(method) is { Success: true } lambda)
            return $"{Closure().Replace(type, "")}.{lambda.Groups[1].Value}";
        return $"{type}.{method}";
    }

    [GeneratedRegex(@"\[[^\[\]]*\]")]
    private static partial Regex Arguments();

    [GeneratedRegex(@"`\d+")]
    private static partial Regex Arity();

    [GeneratedRegex(@"^(.*?)[+/](?:<>c[^+/]*[+/])?<<?(\w+)>?.*d(?:__\d+)?$")]
    private static partial Regex Machine();

    [GeneratedRegex(@"^<(\w+)>[bg]__")]
    private static partial Regex Lambda();

    [GeneratedRegex(@"[+/]<>c.*$")]
    private static partial Regex Closure();
}
