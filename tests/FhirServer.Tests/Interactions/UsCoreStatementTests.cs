using FhirEmr.FhirServer.Interactions.System;
using FhirEmr.FhirServer.Validation.Definitions;

namespace FhirEmr.FhirServer.Tests.Interactions;

public sealed class UsCoreStatementTests
{
    [Theory]
    [InlineData(true, "hl7.fhir.us.core", "6.1.0", null, "docref", true)]
    [InlineData(false, "hl7.fhir.us.core", "6.1.0", null, "docref", false)] // its profiles have nothing to build on
    [InlineData(true, "hl7.fhir.us.core", "3.1.1", null, "docref", false)]
    [InlineData(true, "hl7.fhir.us.core", "6.10.0", null, "docref", false)]
    [InlineData(true, "hl7.fhir.us.core", "6.1.0", "It cannot be read to its end.", "docref", false)]
    [InlineData(true, "hl7.fhir.us.carin-bb", "6.1.0", null, "docref", false)]
    [InlineData(true, "hl7.fhir.us.core", "6.1.0", null, "validate", false)]
    public void The_server_is_one_of_US_Core_only_while_all_of_it_is_true(bool hasBase, string package, string version, string? problem, string operation, bool expected) =>
        Assert.Equal(expected, Capabilities.IsUsCore(hasBase, [new PackageReport("x.tgz", package, version, 59, [], problem is null ? [] : [problem])], [operation]));
}
