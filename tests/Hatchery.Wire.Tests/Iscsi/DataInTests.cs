using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class DataInTests(ITestOutputHelper output) : FixedWireFacts<DataIn>(output)
{
    protected override DataIn Example =>
        new(
            true,
            false,
            true,
            true,
            512,
            0x0102030405060708,
            0,
            0xaabbccdd,
            0xffffffff,
            new SequenceNumbers(0xa1, 0xa2, 0xa3),
            2,
            0x400,
            0x99
        );

    protected override string ExampleHex =>
        "25 83 00 00 00 000200 0102030405060708 aabbccdd ffffffff 000000a1 000000a2 000000a3 00000002 00000400 00000099";
}
