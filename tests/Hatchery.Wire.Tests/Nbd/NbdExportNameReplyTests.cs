using Hatchery.Wire.Nbd;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Nbd;

public sealed class NbdExportNameReplyTests(ITestOutputHelper output) : FixedWireFacts<NbdExportNameReply>(output)
{
    protected override NbdExportNameReply Example => new(0x0102030405060708, NbdTransmissionFlags.CanMultiConnect);

    protected override string ExampleHex => "0102030405060708 0100";
}
