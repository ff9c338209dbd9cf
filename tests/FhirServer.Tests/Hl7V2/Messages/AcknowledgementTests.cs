using FhirEmr.FhirServer.Hl7V2.Messages;
using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Tests.Hl7V2.Messages;

public sealed class AcknowledgementTests
{
    [Theory]
    [InlineData(ErrorCodes.RecordLocked, Acknowledgement.Rejected)]
    [InlineData(ErrorCodes.ApplicationInternal, Acknowledgement.Rejected)]
    [InlineData(ErrorCodes.UnsupportedEvent, Acknowledgement.Rejected)]
    [InlineData(ErrorCodes.DuplicateKey, Acknowledgement.InError)]
    [InlineData(ErrorCodes.DataType, Acknowledgement.InError)]
    public void What_no_change_of_the_message_would_mend_is_rejected(string error, string code) => Assert.Equal(code, Acknowledgement.Of(new MessageFault(error, "Why.")).Code);
}
