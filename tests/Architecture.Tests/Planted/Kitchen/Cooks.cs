using FhirEmr.Architecture.Tests.Planted.Cellar;

namespace FhirEmr.Architecture.Tests.Planted.Kitchen;

/// <summary>Each cook breaks the arrow in another way that must be seen.</summary>
internal static class CookInAsyncMethod
{
    public static async Task<string> CookAsync()
    {
        await Task.Yield();
        return Wine.Pour();
    }
}

internal static class CookInLambda
{
    public static Func<int, string> Cook => times => string.Concat(Enumerable.Repeat(0, times).Select(_ => Wine.Pour()));
}

internal static class CookInIterator
{
    public static IEnumerable<string> Cook()
    {
        yield return Wine.Pour();
    }
}

internal static class CookByTypeArgument
{
    public static List<Wine> Cook() => [];
}

[Vintage]
internal static class CookByAttribute;

internal static class CookInNestedType
{
    internal static class Apprentice
    {
        public static string Cook() => Wine.Pour();
    }
}

internal sealed record CookByParameter(Wine? Wine);

/// <summary>These two keep to the arrows.</summary>
internal static class CookWithLabelOnly
{
    public static string Cook() => Wine.Label;
}

internal static class CookWithWater
{
    public static string Cook() => "water";
}
