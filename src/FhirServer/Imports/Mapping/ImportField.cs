namespace FhirEmr.FhirServer.Imports.Mapping;

/// <summary>Something that a column can say.</summary>
/// <param name="Name">As maps name it: <c>birthDate</c>.</param>
/// <param name="Synonyms">What exports of practice systems call the column, in lower case without blanks and signs.</param>
internal sealed record ImportField(string Name, FieldForm Form, params string[] Synonyms);

/// <summary>How a value has to be written, and what it becomes.</summary>
internal enum FieldForm
{
    Text,
    Date,
    BirthDate,
    Time,
    DateAndTime,
    Sex,
    Phone,
    Email,
    State,
    Zip,
    Ssn,
    Usd,
    Npi,
    Procedure,
    Modifier,
    Minutes,
    Relationship,
    Rank,
    AppointmentStatus,
}
