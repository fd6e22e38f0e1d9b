/**
 * Where the first of the numbers is that is not below `wanted`; `size` if all are. It is quick where that
 * is not far from `from`: it looks at places twice as far each time, and then between the last two
 * (Bentley and Yao, "An almost optimal algorithm for unbounded searching", 1976).
 * @param numbers ascending, every `stride` words
 * @param from all before it are below `wanted`
 */
export function firstFrom(
  numbers: ArrayLike<number>,
  stride: number,
  size: number,
  wanted: number,
  from: number,
): number {
  let low = from;
  let step = 1;
  while (low + step <= size && numbers[(low + step - 1) * stride]! < wanted) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, size);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle * stride]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
