using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing.Extraction;
using FhirEmr.FhirServer.Search.Words;

namespace FhirEmr.FhirServer.Search.Indexing;

/// <summary>Narrative → a row for each word.</summary>
internal static class WordIndexer
{
    public static bool Index(FhirNode node, Emission emission, RowWriter rows)
    {
        foreach (var word in ResourceWords.Split(ResourceWords.Plain(node.Text)))
            rows.Word(emission, word);
        return true;
    }
}
