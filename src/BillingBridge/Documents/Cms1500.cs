namespace FhirEmr.BillingBridge.Documents;

/// <summary>The values of one CMS-1500 (02/12) form, box by box, and where each stands on the bought form.</summary>
/// <param name="Boxes">In the order of the form; a box without a value is there with an empty one.</param>
/// <param name="Lines">At most six service lines.</param>
public sealed record Cms1500(IReadOnlyList<Cms1500Box> Boxes, IReadOnlyList<Cms1500Line> Lines)
{
    public const int MostLines = 6;

    /// <summary>The value of a box; empty when it has none.</summary>
    public string this[string number] => Boxes.FirstOrDefault(b => b.Number == number)?.Value ?? "";
}

/// <summary>One box.</summary>
/// <param name="Number">As on the form: <c>1a</c>, <c>33a</c>.</param>
/// <param name="Title">What it asks for, in our words.</param>
/// <param name="Value">What is entered; line breaks part the lines of an address.</param>
public sealed record Cms1500Box(string Number, string Title, string Value);

/// <summary>One line of box 24.</summary>
/// <param name="Supplement">The shaded upper half: drug number and quantity.</param>
/// <param name="Pointers">Letters of box 21.</param>
public sealed record Cms1500Line(
    DateOnly? From, DateOnly? To, string Place, string Code, IReadOnlyList<string> Modifiers, string Pointers, decimal ChargeUsd, decimal Units, string RenderingNpi, string Supplement);
