using System.Globalization;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Demo;

/// <summary>The few FHIR datatypes the demo writes over and over.</summary>
internal static class Coded
{
    public static CodeableConcept Concept(string system, string code, string display) => new(system, code, display, display);

    public static CodeableConcept Snomed(string code, string display) => Concept(CodeSystemUrls.Snomed, code, display);

    public static CodeableConcept Loinc(string code, string display) => Concept(CodeSystemUrls.Loinc, code, display);

    public static Quantity Ucum(decimal value, string unit) => new(value, unit, DemoUrls.Ucum);

    public static ContactPoint Phone(string number, ContactPoint.ContactPointUse use) =>
        new(ContactPoint.ContactPointSystem.Phone, use, number);

    public static Meta MadeUpMeta() => new() { Tag = [new Coding(DemoUrls.Tag, "made-up")] };

    /// <summary>A FHIR date, <c>2024-05-31</c>.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A FHIR dateTime to the second with its offset.</summary>
    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
