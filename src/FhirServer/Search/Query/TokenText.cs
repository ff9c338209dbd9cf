using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Search.Query;

/// <summary>The texts of a coded value: CodeableConcept.text, Coding.display, Identifier.type.text (search.html#token, <c>:text</c>).</summary>
internal static class TokenText
{
    /// <summary>Whether one of them, folded, starts with the folded text.</summary>
    public static bool StartsWith(FhirNode node, string folded)
    {
        switch (Datatypes.Of(node))
        {
            case Datatype.Coding:
                return Is(node.Child(ElementNames.Display), folded);
            case Datatype.Identifier:
                return node.Child(ElementNames.Type) is { Exists: true } type && Is(type.Child(ElementNames.Text), folded);
            case Datatype.CodeableConcept:
                foreach (var child in node.Children)
                    if (child.HasValue && (child.NameId == ElementNames.Text ? Is(child, folded)
                        : child.NameId == ElementNames.Coding && Is(child.Child(ElementNames.Display), folded)))
                        return true;
                return false;
            default:
                return false;
        }
    }

    private static bool Is(FhirNode text, string folded) => text.Exists && StringFolding.Fold(text.Text).StartsWith(folded, StringComparison.Ordinal);
}
