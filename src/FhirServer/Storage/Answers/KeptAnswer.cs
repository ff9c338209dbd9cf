namespace FhirEmr.FhirServer.Storage.Answers;

/// <summary>The answer to a request that came under an Idempotency-Key, kept for its repeats (reliability R-20).</summary>
/// <param name="Digest">SHA-256 of the request in hexadecimal: a repeat has the same.</param>
/// <param name="Status">HTTP status; 0 for a batch that has begun: its entries keep their own answers.</param>
/// <param name="Created">Milliseconds since 1970 UTC.</param>
/// <param name="Answer">Compressed, in the form of <c>KeptReply</c>.</param>
internal sealed record KeptAnswer(string Client, string Name, string Digest, int Status, long Created, byte[] Answer)
{
    public const int Begun = 0;
}
