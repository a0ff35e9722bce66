using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class DataOutTests(ITestOutputHelper output) : FixedWireFacts<DataOut>(output)
{
    protected override DataOut Example => new(true, 512, 0x0102030405060708, 0xaabbccdd, 0x11, 0xb2, 2, 0x400);

    protected override string ExampleHex =>
        "05 80 0000 00 000200 0102030405060708 aabbccdd 00000011 00000000 000000b2 00000000 00000002 00000400 00000000";
}
