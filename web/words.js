// Every text of the page, in English and Chinese.
import { remember, remembered } from './remember.js';

const texts = {
  en: {
    read_tab: 'Read', training_tab: 'Training', sections: 'Sections', other_language: '中文', switch_language: '切换到中文',
    switch_scheme: 'Light or dark', personalize: 'Your handwriting', collection: 'Your handwriting', answer: 'What it reads', paper: 'Paper',
    canvas: 'A sheet to write on with a mouse, finger or pen; or choose a picture', hint: 'Write a number here',
    hint_picture: 'or drop, paste or choose a picture of one', drop_here: 'Drop it here to read it',
    tools: 'Tools', undo: 'Undo (Ctrl+Z)', redo: 'Redo (Ctrl+Y)', clear: 'Clear (Escape)', pen: 'Pen width',
    picture: 'Picture', camera: 'Camera', choose_picture: 'Choose a picture', take_picture: 'Take a picture', take: 'Take it', cancel: 'Cancel',
    remove_picture: 'Remove the picture', digits: 'Digits, with what the network saw and how probable each answer is',
    how_to_correct: 'Wrong? Tap the digit and say what it is.', appears_here: 'The number appears here, and how confident it is of each digit.', what_is_it: 'What is it?', close: 'Close',
    read_in: 'read in {ms} ms', reading: 'reading …', nothing: 'No digit found.', read_aloud: 'It reads {text}.',
    hidden_picture: 'This browser cannot show the picture; it was read all the same.', no_picture: 'this browser cannot open it as a picture; PNG and JPEG always work',
    digit_label: '{digit}, confidence {percent}. Digit {at} of {of}. Press the correct digit to correct it.', you_say: 'you: {digit}',
    saved: 'Saved: {size} in your collection.', removed: 'Removed: {size} in your collection.', undo_this: 'Undo', undone: 'Undone: {size} in your collection.',
    collection_intro: 'Digits that you have corrected. They stay on the computer that runs scrawl, which can learn from them.',
    collection_intro_browser: 'Digits that you have corrected. They stay in this browser and go nowhere. It can learn from them here; “scrawl serve” on your computer learns more.',
    collection_empty: 'Nothing yet: tap a digit that was misread and say what it is.', remove_item: '{digit}, remove', more: 'More', count_label: '{digit}: {count}',
    learn: 'Teach it your handwriting', stop: 'Stop', go_back: 'Go back', learning: 'Learning … {percent}', progress: 'Progress',
    kept: 'Learned: it reads with your personal model from now on.', not_kept: 'Not kept: it reads as before.', stopped: 'Stopped.',
    gone_back: 'It reads as before.', model_builtin: 'It reads with the built-in model.', model_personal: 'It has learned your handwriting.', model_file: 'It reads with {file}.',
    before: 'before', after: 'after', on_collection: 'your digits read correctly', on_mnist: 'test digits of MNIST read correctly', on_drawn: 'digits in other hands read correctly',
    export_items: 'Save as zip', import_items: 'Add from zip …', imported: 'Added: {added}.', imported_some: 'Added: {added}. No digit was found in {left}.', no_collection: 'There are no folders 0 to 9 with pictures in that zip file.',
    train_title: 'Train a network', train_intro: 'From scratch, on the 50,000 digits of MNIST, on the computer that runs scrawl.', network: 'Network',
    about_preset: '{summary}: {accuracy} of the test digits, after {time}', measured: 'Measured on {machine}', seconds: '{count} s', minutes: '{count} minutes',
    epochs: 'Epochs', start: 'Train', loss: 'Loss', accuracy: 'Accuracy', batches: 'as it runs', train_set: 'training', validation_set: 'validation', epoch: 'epoch',
    confusion: 'Confusion matrix', confusion_help: 'Rows: the label. Columns: what was read. The darker, the more mistakes.',
    mistakes: 'Latest mistakes', mistakes_help: 'Label → what was read.',
    training: '{name}: epoch {epoch} of {epochs}, {seconds} s', trained: '{name}: {test} of the test digits read correctly, {validation} of the validation digits, {seconds} s.', not_trained: 'Curves appear here.',
    forms_tab: 'Forms', forms_title: 'Forms', form_sheet: 'A scan of the form, with its fields', form_scan: 'Choose a scan', form_load: 'Open fields.json', form_save: 'Save fields.json',
    form_first: 'Choose a scan of the form, best a blank one: others are laid over it.', form_draw: 'Now draw a box over each field.', form_next: 'Say what each field expects, then read scans. A field is moved by dragging it, and removed by Delete.',
    form_read: 'Read scans', form_table: 'Save the table', form_review: 'Look through {count}', form_field: 'field', form_none: 'that is no form', form_unseen: 'this browser cannot show {file}',
    form_name: 'Name', form_kind: 'What is expected', form_rule: 'any', form_remove: 'Remove the field', form_name_taken: 'A name that no other field has.',
    form_summary: '{pages} pages: {sure} fields sure, {doubtful} doubtful, {wrong} wrong, {blank} blank, {checked} checked by you.',
    kind_digits: 'Digits', kind_range: 'Range', kind_date: 'Date', kind_luhn: 'Luhn', kind_isbn: 'ISBN', kind_mod97: 'Mod 97',
    rule_digits: 'How many: 7, or 1-4.', rule_range: 'From and to: 0-100.', rule_date: 'A pattern: DD.MM.YYYY.', rule_luhn: 'How many digits: 16.', rule_isbn: 'How many digits: 10, or 13.', rule_mod97: 'How many digits: 12.',
    state_sure: 'sure', state_doubtful: 'doubtful', state_wrong: 'not what is expected', state_blank: 'blank', state_checked: 'checked by you',
    review_title: 'Is that right?', review_keys: 'Enter: it is right. Digits, then Enter: it is this. Delete: it is blank. Arrows: another one.', review_left: '{count} left', review_done: 'All are done: Enter closes this.',
    busy_elsewhere: 'It is busy with something else right now.',
    token_title: 'Token', token_help: 'This server was started with a token, and answers only those who have it.', token_give: 'Continue', token_wrong: 'That was the wrong token.',
    share: 'Copy or save', copy_number: 'Copy the number', copy_link: 'Copy a link to this drawing', save_png: 'Save the drawing as PNG', save_svg: 'Save the drawing as SVG', save_csv: 'Save what was read as CSV', save_json: 'Save what was read as JSON',
    copied: 'Copied: {text}', link_copied: 'Copied. The link carries the drawing itself: nothing is stored anywhere.', no_ink: 'There is no drawing in that link, or not all of it.',
    keep_anyway: 'Keep it all the same', kept_anyway: 'Kept, as you wish: it reads with your personal model from now on.', advice: 'Correct some more digits, best twenty or more of different kinds and only clear ones, and teach it again; or keep it all the same: “Go back” undoes that.',
    no_mnist: 'Learning needs MNIST, which is not on this computer. Get it with: scrawl data fetch', no_mnist_training: 'Training needs MNIST, which is not on this computer. Get it with: scrawl data fetch',
    may_not_teach: 'This server only reads: it has no folder to keep anything in, or other machines can reach it and it has no token (--token).', not_read: 'Not read: scrawl does not respond.',
    no_picture_file: '“{name}” is no picture', turn: 'Turn the picture', picture_before: 'The picture before', picture_after: 'The next picture',
    sample: 'Try it with this picture', example: 'An example: write over it.',
    how_to_correct_picture: 'Wrong? Tap it. Missed? Drag a box around it.',
    no_digit: 'Not a digit', split: 'Split in two', join: 'Join with the next', draw_box: 'Draw a box around a digit', type_number: 'Type the number', type_title: 'What is the number?', type_done: 'That is it', no_ink_there: 'There is nothing written in that box.',
    digit_label_told: '{digit}, as you say. Digit {at} of {of}. Press the correct digit to correct it.', what_about_it: 'Tap a digit, or a ?, to say what it is.',
    trained_try: 'Read with it', trained_keep: 'Keep it', trained_save: 'Download it', networks: 'Which network reads', network_current: 'as before', trained_name: 'Your network {name}',
    trained_so_far: 'After epoch {epoch} of {epochs}: {validation} of the validation digits read correctly.', trained_result: '{test} of the 10,000 test digits read correctly, {validation} of the validation digits (after epoch {epoch} of {epochs}).',
    trained_kept: 'Kept: scrawl reads with {name} from now on.', model_trained: 'It reads with the network {trained_as} that was trained here.', of_network: '{name}: {words}',
    trained_untested: '{name}: {validation} of the validation digits read correctly, {seconds} s.',
    error_no_mnist: 'MNIST is not on this computer; get it with: scrawl data fetch',
    think: 'See it think', think_choose: 'Open a model …', think_own: 'Back to the one that reads', think_watch: 'The one in training', think_not_yet: 'The network in training has no model yet: it comes some seconds after the first epoch.', think_trained: 'The network {model} in training, after epoch {epoch}.', think_loading: 'The network is loaded …', think_reader: 'The network that reads.',
    think_file: 'The network of {file}, for the same glyphs.', think_no_model: '{file} is no model of scrawl’s: it does not say which layers it has. “scrawl import” makes one of PyTorch’s, ONNX and Keras files.',
    think_nothing: 'Write a digit, and watch.', think_which: 'Digit', think_path: 'From ink to glyph', think_box: 'its box', think_scaled: 'fitted to 20 pixels', think_glyph: 'centred on its mass', think_why: 'for and against',
    think_maps: '{text}: {channels} maps of {height}×{width}', think_values: '{text}: {channels} values', think_kernel: 'Map {at} of {of}, strongest {strongest}. Weights: {kernels} × {height}×{width}.', think_outputs: 'The ten outputs: which digit to ask about',
    think_asks: 'Why {digit} ({percent}), and not {rival}?', think_for: 'Blue ink speaks for {digit}, most of it {place}.', think_against: 'Orange ink speaks for {rival}, most of it {place}.',
    place_0: 'at the upper left', place_1: 'at the top', place_2: 'at the upper right', place_3: 'on the left', place_4: 'in the middle', place_5: 'on the right', place_6: 'at the lower left', place_7: 'at the bottom', place_8: 'at the lower right',
    gone: 'scrawl does not respond. Is “scrawl serve” still running? Trying again …', failed: 'That did not work: {error}', back: 'It responds again.', no_camera: 'No camera could be opened: {error}',
  },
  zh: {
    read_tab: '识别', training_tab: '训练', sections: '栏目', other_language: 'English', switch_language: 'Switch to English',
    switch_scheme: '浅色或深色', personalize: '我的笔迹', collection: '你的笔迹', answer: '识别结果', paper: '纸',
    canvas: '用鼠标、手指或触控笔在此书写，也可以选择图片', hint: '在这里写一个数',
    hint_picture: '也可以拖入、粘贴或选择一张图片', drop_here: '松开即可识别',
    tools: '工具', undo: '撤销（Ctrl+Z）', redo: '重做（Ctrl+Y）', clear: '清除（Esc）', pen: '笔的粗细',
    picture: '图片', camera: '拍照', choose_picture: '选择图片', take_picture: '拍一张照片', take: '拍摄', cancel: '取消',
    remove_picture: '移除图片', digits: '各个数字：网络看到的样子和每种答案的概率',
    how_to_correct: '认错了？点一下那个数字，告诉它是几。', appears_here: '这里会显示读到的数，以及每个数字的置信度。', what_is_it: '这是几？', close: '关闭',
    read_in: '用时 {ms} 毫秒', reading: '识别中……', nothing: '没有找到数字。', read_aloud: '读作 {text}。',
    hidden_picture: '浏览器无法显示这张图片，但已经识别。', no_picture: '浏览器无法把它作为图片打开；PNG 和 JPEG 总是可以的',
    digit_label: '{digit}，置信度 {percent}。第 {at} 个，共 {of} 个。按正确的数字键即可更正。', you_say: '你说 {digit}',
    saved: '已保存，共收集 {size} 个。', removed: '已移除，还有 {size} 个。', undo_this: '撤销', undone: '已撤销，共收集 {size} 个。',
    collection_intro: '你更正过的数字。它们只保存在运行 scrawl 的电脑上，scrawl 可以从中学习。',
    collection_intro_browser: '你更正过的数字。它们只留在这个浏览器里，不会传到别处。在这里就可以学习；在你的电脑上运行 “scrawl serve” 学得更多。',
    collection_empty: '还没有：点一下认错的数字，告诉它是几。', remove_item: '{digit}，移除', more: '更多', count_label: '{digit}：{count} 个',
    learn: '学习我的笔迹', stop: '停止', go_back: '恢复原样', learning: '学习中…… {percent}', progress: '进度',
    kept: '学会了：从现在起用你的个人模型识别。', not_kept: '没有采用：照旧识别。', stopped: '已停止。',
    reason_better: '你的数字读得更好了，MNIST 的数字几乎没有忘。', reason_no_better: '你的数字没有比之前读得更好。', reason_forgets: '忘掉的 MNIST 数字太多。',
    gone_back: '已恢复，照旧识别。', model_builtin: '使用内置模型识别。', model_personal: '已经学会你的笔迹。', model_file: '使用 {file} 识别。',
    before: '之前', after: '之后', on_collection: '你的数字读对', on_mnist: 'MNIST 测试数字读对', on_drawn: '别人笔迹的数字读对',
    reason_better_drawn: '你的数字读得更好了，别人的笔迹没有忘。', reason_forgets_drawn: '别人的笔迹忘掉太多。',
    export_items: '保存为 zip', import_items: '从 zip 添加……', imported: '已添加 {added} 个。', imported_some: '已添加 {added} 个；{left} 张图里没有找到数字。', no_collection: '这个 zip 文件里没有 0 到 9 的图片文件夹。',
    train_title: '训练一个网络', train_intro: '从零开始，用 MNIST 的 50,000 个数字，就在运行 scrawl 的电脑上。', network: '网络',
    about_preset: '{summary}：测试数字读对 {accuracy}，用时 {time}', measured: '测量所用机器：{machine}', seconds: '{count} 秒', minutes: '{count} 分钟',
    preset_mlp: '经典教程的网络', preset_lenet: '1998 年的 LeNet-5，特征图全连接', preset_fast: '最快达到 99 %', preset_good: '最快达到 99.5 %', preset_best: '内置模型的网络',
    epochs: '轮数', start: '训练', loss: '损失', accuracy: '准确率', batches: '训练中', train_set: '训练集', validation_set: '验证集', epoch: '轮',
    confusion: '混淆矩阵', confusion_help: '行：实际是几；列：认成几。颜色越深，错得越多。',
    mistakes: '最近的错误', mistakes_help: '实际 → 认成。',
    training: '{name}：第 {epoch} 轮，共 {epochs} 轮，{seconds} 秒', trained: '{name}：测试数字读对 {test}，验证数字读对 {validation}，用时 {seconds} 秒。', not_trained: '曲线会显示在这里。',
    forms_tab: '表格', forms_title: '表格', form_sheet: '表格的扫描件和其中的填写栏', form_scan: '选择扫描件', form_load: '打开 fields.json', form_save: '保存 fields.json',
    form_first: '选择一张表格的扫描件，最好是空白的：其他扫描件会与它对齐。', form_draw: '在每个填写栏上画一个框。', form_next: '说明每栏应填什么，然后识别扫描件。拖动可移动填写栏，按 Delete 键可移除。',
    form_read: '识别扫描件', form_table: '保存结果', form_review: '核对 {count} 栏', form_field: '栏', form_none: '这不是表格说明', form_unseen: '浏览器无法显示 {file}',
    form_name: '名称', form_kind: '应填什么', form_rule: '不限', form_remove: '移除此栏', form_name_taken: '名称不能为空，也不能重复。',
    form_summary: '共 {pages} 页：{sure} 栏确定，{doubtful} 栏存疑，{wrong} 栏不符，{blank} 栏空白，{checked} 栏已核对。',
    kind_digits: '数字', kind_range: '范围', kind_date: '日期', kind_luhn: 'Luhn', kind_isbn: 'ISBN', kind_mod97: '模 97',
    rule_digits: '位数：7，或 1-4。', rule_range: '从几到几：0-100。', rule_date: '格式：DD.MM.YYYY。', rule_luhn: '位数：16。', rule_isbn: '位数：10 或 13。', rule_mod97: '位数：12。',
    state_sure: '确定', state_doubtful: '存疑', state_wrong: '与要求不符', state_blank: '空白', state_checked: '已核对',
    review_title: '读对了吗？', review_keys: '回车：读对了。输入数字再按回车：更正。Delete：空白。方向键：看别的。', review_left: '还有 {count} 栏', review_done: '全部核对完毕，按回车关闭。',
    busy_elsewhere: '它正忙着别的事。',
    token_title: '令牌', token_help: '这个服务器启动时设了令牌，只回应知道它的人。', token_give: '继续', token_wrong: '令牌不对。',
    share: '复制或保存', copy_number: '复制这个数', copy_link: '复制这幅手写的链接', save_png: '把手写保存为 PNG', save_svg: '把手写保存为 SVG', save_csv: '把结果保存为 CSV', save_json: '把结果保存为 JSON',
    copied: '已复制：{text}', link_copied: '已复制。手写就在链接里，没有存到任何地方。', no_ink: '这个链接里没有手写，或者不完整。',
    keep_anyway: '仍然采用', kept_anyway: '已按你的意思采用：从现在起用你的个人模型识别。', advice: '再更正一些数字，最好二十个以上、各种都有、写得清楚的，然后再学习一次；也可以仍然采用，“恢复原样”可以撤回。',
    no_mnist: '学习需要 MNIST，这台电脑上没有。用 scrawl data fetch 获取', no_mnist_training: '训练需要 MNIST，这台电脑上没有。用 scrawl data fetch 获取',
    may_not_teach: '这个服务器只能识别：它没有可以存放文件的目录，或者别的机器能访问它而它没有令牌（--token）。', not_read: '没有识别：scrawl 没有回应。',
    no_picture_file: '“{name}”不是图片', turn: '旋转图片', picture_before: '上一张图片', picture_after: '下一张图片',
    sample: '用这张图片试试', example: '这是示例，直接在上面写即可。',
    how_to_correct_picture: '认错了？点一下。漏掉了？拖一个框。',
    no_digit: '不是数字', split: '拆成两个', join: '与下一个合并', draw_box: '框出一个数字', type_number: '输入这个数', type_title: '这个数是多少？', type_done: '就是它', no_ink_there: '框里没有笔迹。',
    digit_label_told: '{digit}，由你指定。第 {at} 个，共 {of} 个。按正确的数字键即可更正。', what_about_it: '点一下数字或 ?，告诉它是几。',
    trained_try: '用它识别', trained_keep: '采用', trained_save: '下载', networks: '用哪个网络识别', network_current: '原来的', trained_name: '你的网络 {name}',
    trained_so_far: '第 {epoch} 轮之后（共 {epochs} 轮）：验证数字读对 {validation}。', trained_result: '10,000 个测试数字读对 {test}，验证数字读对 {validation}（第 {epoch} 轮之后，共 {epochs} 轮）。',
    trained_kept: '已采用：从现在起用 {name} 识别。', model_trained: '使用在这里训练的网络 {trained_as} 识别。', of_network: '{name}：{words}',
    trained_untested: '{name}：验证数字读对 {validation}，用时 {seconds} 秒。',
    error_no_mnist: '这台电脑上没有 MNIST；用 scrawl data fetch 获取',
    error_403: '服务器不允许这样做：它能被别的机器访问，启动时却没有设令牌（--token）', error_409: '现在不行：它正在学习或训练，或者没有可做的', error_413: '太大了', error_415: '这不是能读的图片格式', error_422: '图片无法解码，或里面没有笔迹', error_503: '现在太忙，请稍后再试', error_507: '磁盘上存不下', error_other: '服务器说：{error}',
    think: '看它思考', think_choose: '打开模型……', think_own: '换回识别用的网络', think_watch: '看训练中的网络', think_not_yet: '训练中的网络还没有模型：第一轮之后几秒就有了。', think_trained: '训练中的网络 {model}，第 {epoch} 轮之后。', think_loading: '正在载入网络……', think_reader: '识别用的网络。',
    think_file: '{file} 的网络，看同样的字形。', think_no_model: '{file} 不是 scrawl 的模型：里面没有说明有哪些层。“scrawl import” 可以转换 PyTorch、ONNX 和 Keras 的文件。',
    think_nothing: '写一个数字，看看会怎样。', think_which: '数字', think_path: '从笔迹到字形', think_box: '外框', think_scaled: '缩放到 20 像素', think_glyph: '重心移到中央', think_why: '支持与反对',
    think_maps: '{text}：{channels} 张 {height}×{width} 的图', think_values: '{text}：{channels} 个值', think_kernel: '第 {at} 张，共 {of} 张，最强 {strongest}。权重：{kernels} × {height}×{width}。', think_outputs: '十个输出：选择要问的数字',
    think_asks: '为什么是 {digit}（{percent}），而不是 {rival}？', think_for: '蓝色的笔迹支持 {digit}，主要{place}。', think_against: '橙色的笔迹支持 {rival}，主要{place}。',
    place_0: '在左上方', place_1: '在上方', place_2: '在右上方', place_3: '在左边', place_4: '在中间', place_5: '在右边', place_6: '在左下方', place_7: '在下方', place_8: '在右下方',
    gone: 'scrawl 没有回应。“scrawl serve” 还在运行吗？正在重试……', failed: '没有成功：{error}', back: '又有回应了。', no_camera: '无法打开摄像头：{error}',
  },
};

const wanted = remembered('language') ?? (navigator.languages ?? [navigator.language]).find((tag) => /^(en|zh)\b/i.test(tag))?.slice(0, 2).toLowerCase();
let language = wanted in texts ? wanted : 'en';
const listeners = [];

/** The text of that name in the page's language, with {things} filled in. */
export function translate(name, things = {}) {
  return texts[language][name].replace(/\{(\w+)\}/g, (_, thing) => things[thing]);
}

/** Why a learning ended as it did: by its code where this language has words for it, else the server's English, which says more. */
export function reasonText({ reason_code: code, reason }) {
  if (`reason_${code}` in texts[language]) return translate(`reason_${code}`);
  return reason ? `${reason[0].toUpperCase()}${reason.slice(1)}.` : '';
}

/** What went wrong, an Error of the server: by its status where this language has words for it, else in the server's English, which says more. */
export function errorText({ message, status }) {
  const known = texts[language][`error_${status}`];
  const error = known ?? (status && texts[language].error_other ? translate('error_other', { error: message }) : message);
  return translate('failed', { error });
}

/** The same of a job that failed. */
export function jobErrorText({ error, error_code: code }) {
  return translate('failed', { error: code ? translate(`error_${code}`) : texts[language].error_other ? translate('error_other', { error }) : error });
}

/** What a preset is, and what was measured of it: as the server says, whose English this language may have words for. */
export function presetText({ name, summary, accuracy, seconds }) {
  const time = seconds < 60 ? translate('seconds', { count: Number(seconds.toPrecision(2)) }) : translate('minutes', { count: Math.round(seconds / 60) });
  const known = `preset_${name}` in texts[language];
  return translate('about_preset', { summary: known ? translate(`preset_${name}`) : summary, accuracy: percent(accuracy / 100, 2), time });
}

export function percent(fraction, digits = 0) {
  return (100 * fraction).toFixed(digits) + ' %';
}

/** A confidence in percent: never quite 100. */
export function confidenceText(probability) {
  return probability > 0.999 ? '> 99.9 %' : percent(probability, probability > 0.99 ? 1 : 0);
}

/** A second text for the same place once the language changes: `speak` is called now and then again. */
export function onLanguage(speak) {
  listeners.push(speak);
  speak();
}

function apply() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = translate(element.dataset.text);
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', translate(element.dataset.label));
    if (element.matches('button, input')) element.title = translate(element.dataset.label);
  }
  for (const speak of listeners) speak();
}

export function switchLanguage() {
  language = language === 'en' ? 'zh' : 'en';
  remember('language', language);
  apply();
}

apply();
