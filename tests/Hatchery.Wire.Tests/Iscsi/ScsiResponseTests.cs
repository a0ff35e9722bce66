using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class ScsiResponseTests(ITestOutputHelper output) : FixedWireFacts<ScsiResponse>(output)
{
    protected override ScsiResponse Example =>
        new(false, true, 20, 0, 2, 0xaabbccdd, new SequenceNumbers(0xa1, 0xa2, 0xa3), 3, 0x200);

    protected override string ExampleHex =>
        "21 82 00 02 00 000014 0000000000000000 aabbccdd 00000000 000000a1 000000a2 000000a3 00000003 00000000 00000200";
}
