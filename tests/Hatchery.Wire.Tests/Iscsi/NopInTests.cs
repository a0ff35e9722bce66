using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class NopInTests(ITestOutputHelper output) : FixedWireFacts<NopIn>(output)
{
    protected override NopIn Example =>
        new(4, 0x0102030405060708, 0xaabbccdd, 0x11, new SequenceNumbers(0xa1, 0xa2, 0xa3));

    protected override string ExampleHex =>
        "20 80 0000 00 000004 0102030405060708 aabbccdd 00000011 000000a1 000000a2 000000a3 000000000000000000000000";
}
