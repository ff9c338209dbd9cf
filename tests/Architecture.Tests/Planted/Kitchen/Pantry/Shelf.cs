using FhirEmr.Architecture.Tests.Planted.Cellar;

namespace FhirEmr.Architecture.Tests.Planted.Kitchen.Pantry;

/// <summary>A deeper room with an arrow of its own.</summary>
internal static class Shelf
{
    public static string Take() => Wine.Pour();
}
