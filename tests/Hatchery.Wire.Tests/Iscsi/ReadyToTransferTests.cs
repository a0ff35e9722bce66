using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class ReadyToTransferTests(ITestOutputHelper output) : FixedWireFacts<ReadyToTransfer>(output)
{
    protected override ReadyToTransfer Example =>
        new(0x0102030405060708, 0xaabbccdd, 0x11, new SequenceNumbers(0xa1, 0xa2, 0xa3), 2, 0x400, 0x1000);

    protected override string ExampleHex =>
        "31 80 0000 00 000000 0102030405060708 aabbccdd 00000011 000000a1 000000a2 000000a3 00000002 00000400 00001000";
}
