using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class AsyncMessageTests(ITestOutputHelper output) : FixedWireFacts<AsyncMessage>(output)
{
    protected override AsyncMessage Example =>
        new(0, 0x0102030405060708, new SequenceNumbers(0xa1, 0xa2, 0xa3), AsyncEvent.LogoutRequested, 1, 2, 3, 4);

    protected override string ExampleHex =>
        "32 80 0000 00 000000 0102030405060708 ffffffff 00000000 000000a1 000000a2 000000a3 01 01 0002 0003 0004 00000000";
}
