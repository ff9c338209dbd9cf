namespace FhirEmr.Architecture.Tests.Planted.Cellar;

/// <summary>What the planted rooms must not reach for.</summary>
internal sealed class Wine
{
    public const string Label = "a constant, compiled into whoever uses it";

    public static string Pour() => "red";
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class VintageAttribute : Attribute;
