using Hatchery.Wire.Iscsi;
using Xunit.Abstractions;

namespace Hatchery.Wire.Tests.Iscsi;

public sealed class TextResponseTests(ITestOutputHelper output) : FixedWireFacts<TextResponse>(output)
{
    protected override TextResponse Example =>
        new(false, true, 9, 0x0102030405060708, 0xaabbccdd, 0x11, new SequenceNumbers(0xa1, 0xa2, 0xa3));

    protected override string ExampleHex =>
        "24 40 0000 00 000009 0102030405060708 aabbccdd 00000011 000000a1 000000a2 000000a3 000000000000000000000000";
}
