using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class RejectTests(ITestOutputHelper output) : FixedWireFacts<Reject>(output)
{
    protected override Reject Example =>
        new(48, RejectReason.CommandNotSupported, new SequenceNumbers(0xa1, 0xa2, 0xa3), 3);

    protected override string ExampleHex =>
        "3f 80 05 00 00 000030 0000000000000000 ffffffff 00000000 000000a1 000000a2 000000a3 00000003 0000000000000000";
}
